using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

public sealed class LayerTarWriterTests
{
    private static readonly FileTimes Times =
        new(new(132444736000000001), new(133444736107654321), new(133444736001234567), new(133444736205000000));

    [Fact]
    public void Write_File_IsTheReferencesDialectToTheByte()
    {
        byte[] written = Write(File("Files\\a.txt", "text", new FileMetadata
        {
            Attributes = FileAttributes.Archive,
            Times = Times,
            ExtendedAttributes = ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray()), new("BAZ", default)]),
        }));

        // Laid out by hand after the reference's tar library: sorted records, PaxHeaders.0, mode 0100000, no owner.
        string records =
            "46 LIBARCHIVE.creationtime=1600000000.0000001\n" +
            "25 MSWINDOWS.fileattr=32\n" +
            "24 MSWINDOWS.xattr.BAZ=\n" +
            "28 MSWINDOWS.xattr.FOO=YmFy\n" +
            "28 atime=1700000010.7654321\n" +
            "22 ctime=1700000020.5\n" +
            "28 mtime=1700000000.1234567\n";
        byte[] expected =
        [
            .. Block("Files/PaxHeaders.0/a.txt", 'x', "0000000", "00000000311", "00000000000", "", devices: false),
            .. Padded(records),
            .. Block("Files/a.txt", '0', "0100000", "00000000004", "14524770400", ""),
            .. Padded("text"),
            .. new byte[1024],
        ];
        Assert.Equal(0xC9, Encoding.UTF8.GetByteCount(records));
        Assert.Equal(expected, written);
    }

    [Theory]
    [InlineData(LayerEntryKind.File, 0x8000)]
    [InlineData(LayerEntryKind.Directory, 0x4000)]
    public void Write_Link_HasTheReferencesMode(LayerEntryKind kind, int mode)
    {
        LayerEntry entry = new()
        {
            Kind = kind,
            Path = LayerPath.Parse("Files/l"),
            Metadata = new FileMetadata
            {
                Attributes = FileAttributes.ReparsePoint,
                Reparse = ReparsePoint.FromTarget("C:\\Windows", isMountPoint: kind == LayerEntryKind.Directory)
            },
            TarName = "Files/l",
        };
        ReadOnlySpan<byte> header = Write(entry).AsSpan()[^1536..^1024];
        Assert.Equal(Convert.ToString(mode | 0xA000, 8).PadLeft(7, '0'), Encoding.ASCII.GetString(header[100..107]));
        Assert.Equal((byte)'2', header[156]);
        Assert.Equal("C:\\Windows", Encoding.ASCII.GetString(header[157..167]));
    }

    [Fact]
    public void Write_Whiteout_IsABareEmptyFile()
    {
        byte[] expected = [.. Block("Files/.wh.old.txt", '0', "0000000", "00000000000", "00000000000", ""), .. new byte[1024]];
        Assert.Equal(expected, Write(Marker(LayerEntryKind.Whiteout, "Files\\old.txt")));
    }

    [Fact]
    public void Write_OpaqueDirectory_IsItsMarker()
    {
        byte[] expected = [.. Block("Files/d/.wh..wh..opq", '0', "0000000", "00000000000", "00000000000", ""), .. new byte[1024]];
        Assert.Equal(expected, Write(Marker(LayerEntryKind.OpaqueDirectory, "Files\\d")));
    }

    [Fact]
    public void Write_LongWhiteout_UsesTheUstarPrefix()
    {
        string directory = "Files\\" + new string('d', 120);
        byte[] written = Write(Marker(LayerEntryKind.Whiteout, directory + "\\x"));
        Assert.Equal(512 + 1024, written.Length);
        Assert.Equal(directory + "\\x", new MemoryStream(written).ReadOne().Entry.Path.Value);
    }

    [Theory]
    [InlineData("Files\\ünï.txt")]
    [InlineData("Files\\dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\\eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\\f")]
    public void Write_NameTheHeaderHasNoRoomFor_IsInAPaxRecord(string path)
    {
        foreach (LayerEntry entry in (LayerEntry[])[File(path, "x", new()), Marker(LayerEntryKind.Whiteout, path),
            HardLink(path, path + "2")])
            Assert.Equal(path, new MemoryStream(Write(entry)).ReadOne().Entry.Path.Value);
    }

    [Fact]
    public void Write_HardLink_HasAttributesAndNoBody()
    {
        ReadEntry read = new MemoryStream(Write(HardLink("Files\\b", "Files\\a"))).ReadOne();
        Assert.Equal("Files\\a", read.Entry.LinkTarget.Value);
        Assert.Equal(FileAttributes.ReadOnly, read.Entry.Metadata.Attributes);
        Assert.Equal(Times, read.Entry.Metadata.Times);
    }

    [Fact]
    public void Write_FileOver8GiB_HasItsSizeInAPaxRecord()
    {
        HeadStream head = new(4096);
        using LayerTarWriter writer = new(head);
        LayerEntry entry =
            new()
            {
                Kind = LayerEntryKind.File,
                Path = LayerPath.Parse("Files/a"),
                Metadata = new(),
                Content = new HugeContent(1L << 33),
                TarName = "Files/a"
            };
        Assert.Throws<EndOfStreamException>(() => writer.Write(entry));
        writer.Complete();
        Assert.Contains("19 size=8589934592\n", Encoding.ASCII.GetString(head.Bytes));
        Assert.Equal("00000000000\0"u8.ToArray(), head.Bytes.AsSpan(1024 + 124, 12).ToArray());
    }

    [Fact]
    public void Write_UnknownReparseTag_ComesBackWhole()
    {
        ReparsePoint reparse = ReparsePoint.FromBuffer([0x17, 0, 0, 0x80, 4, 0, 0, 0, 1, 2, 3, 4]);
        Assert.Equal(reparse,
            new MemoryStream(Write(File("Files\\a", "data", new() { Reparse = reparse }))).ReadOne().Entry.Metadata.Reparse);
    }

    [Fact]
    public void Write_LinkWhoseNamesDoNotFollowFromItsTarget_ComesBackWhole()
    {
        byte[] buffer = ReparsePoint.FromTarget("a\\b", isMountPoint: false).Buffer.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(16), 0); // a relative target that claims to be absolute
        ReparsePoint reparse = ReparsePoint.FromBuffer(buffer);
        Assert.Equal(reparse, new MemoryStream(Write(File("Files\\a", "", new() { Reparse = reparse }))).ReadOne().Entry.Metadata.Reparse);
    }

    [Fact]
    public void Write_ExtendedAttributesWithFlags_ComeBackWhole()
    {
        ExtendedAttributes attributes =
            ExtendedAttributes.FromItems([new("A=B", new byte[] { 1 }), new("C", new byte[] { 2 }, Flags: 0x80)]);
        Assert.Equal(attributes,
            new MemoryStream(Write(File("Files\\a", "", new() { ExtendedAttributes = attributes })))
            .ReadOne().Entry.Metadata.ExtendedAttributes);
    }

    [Fact]
    public void Write_ZeroTimes_ComeBackAsZero() =>
        Assert.Equal(default, new MemoryStream(Write(File("Files\\a", "", new()))).ReadOne().Entry.Metadata.Times);

    [Theory]
    [InlineData("Files\\.wh.a")]
    [InlineData("Files\\.wh.d\\a")]
    [InlineData(".wh.x")]
    public void Write_NameThatWouldReadAsAWhiteout_IsRefused(string path)
    {
        Assert.Same(TarRules.Whiteout, Assert.Throws<LayerRefusedException>(() => Write(File(path, "", new()))).Rule);
        Assert.Same(TarRules.Whiteout, Assert.Throws<LayerRefusedException>(() => Write(HardLink(path, "Files\\a"))).Rule);
        Assert.Same(TarRules.Whiteout, Assert.Throws<LayerRefusedException>(() => Write(Marker(LayerEntryKind.Whiteout, path))).Rule);
    }

    [Fact]
    public void Write_ContentShorterThanItsLength_Fails()
    {
        using LayerTarWriter writer = new(Stream.Null);
        LayerEntry entry =
            new()
            {
                Kind = LayerEntryKind.File,
                Path = LayerPath.Parse("a"),
                Metadata = new(),
                Content = new HugeContent(5),
                TarName = "a"
            };
        Assert.Throws<EndOfStreamException>(() => writer.Write(entry));
    }

    [Fact]
    public void Complete_Twice_EndsOnce()
    {
        MemoryStream tar = new();
        using LayerTarWriter writer = new(tar);
        writer.Complete();
        writer.Complete();
        Assert.Equal(1024, tar.Length);
        Assert.Throws<InvalidOperationException>(() => writer.Write(File("a", "", new())));
    }

    [Fact]
    public void Dispose_WithoutComplete_LeavesNoWholeTar()
    {
        MemoryStream tar = new();
        using (LayerTarWriter writer = new(tar))
            writer.Write(File("a", "", new()));
        Assert.Equal(0, tar.Length);
    }

    private static byte[] Write(params LayerEntry[] entries)
    {
        MemoryStream tar = new();
        using LayerTarWriter writer = new(tar);
        foreach (LayerEntry entry in entries)
            writer.Write(entry);
        writer.Complete();
        Assert.Equal(tar.Length, writer.Position);
        return tar.ToArray();
    }

    private static LayerEntry File(string path, string text, FileMetadata metadata) => new()
    {
        Kind = LayerEntryKind.File,
        Path = LayerPath.FromValue(path),
        Metadata = metadata,
        Content = new MemoryContent(Encoding.UTF8.GetBytes(text)),
        TarName = path,
    };

    private static LayerEntry Marker(LayerEntryKind kind, string path) =>
        new() { Kind = kind, Path = LayerPath.FromValue(path), Metadata = new(), TarName = path };

    private static LayerEntry HardLink(string path, string target) => new()
    {
        Kind = LayerEntryKind.HardLink,
        Path = LayerPath.FromValue(path),
        LinkTarget = LayerPath.FromValue(target),
        Metadata = new() { Attributes = FileAttributes.ReadOnly, Times = Times },
        TarName = path,
    };

    private static byte[] Padded(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [.. bytes, .. new byte[-bytes.Length & 511]];
    }

    private static byte[] Block(string name, char type, string mode, string size, string time, string linkName, bool devices = true)
    {
        byte[] block = new byte[512];
        void Put(int offset, string text) => Encoding.ASCII.GetBytes(text).CopyTo(block, offset);
        Put(0, name);
        Put(100, mode);
        Put(108, "0000000");
        Put(116, "0000000");
        Put(124, size);
        Put(136, time);
        Put(148, "        ");
        block[156] = (byte)type;
        Put(157, linkName);
        Put(257, "ustar\000");
        if (devices)
        {
            Put(329, "0000000");
            Put(337, "0000000");
        }

        Put(148, Convert.ToString(block.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return block;
    }

    // A file of which nothing comes.
    private sealed class HugeContent(long length) : EntryContent
    {
        public override Stream Data { get; } = new EmptyStream(length);

        public override AlternateStream? NextStream() => null;

        private sealed class EmptyStream(long length) : MemoryStream
        {
            public override long Length => length;

            public override int Read(Span<byte> buffer) => 0;
        }
    }

    private sealed class HeadStream(int length) : MemoryStream
    {
        public byte[] Bytes => ToArray()[..Math.Min(length, (int)Length)];
    }
}
