using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;

namespace WinLayers.Fuzzing.Tar;

/// <summary>Whole tars, most of them mended where it would otherwise be the checksum that refuses them.</summary>
internal sealed class TarTarget : FuzzTarget
{
    /// <summary>What tars and their records are made of.</summary>
    public static IReadOnlyList<string> Keywords =>
    [
        "Files/", "../", "./", "/", "\\", ":", ":$DATA", ".wh.", ".wh..wh..opq", "ustar\000", "ustar  \0", "tar\0", "path=", "linkpath=",
            "size=", "mtime=", "atime=-", "ctime=",
        "LIBARCHIVE.creationtime=", "MSWINDOWS.fileattr=", "MSWINDOWS.rawsd=", "MSWINDOWS.sd=O:BA", "MSWINDOWS.xattr.", "MSWINDOWS.eas=",
            "MSWINDOWS.mountpoint=1", "MSWINDOWS.reparse=",
        "GNU.sparse.", "\n20 path=Files/b\n", "0", "1", "2", "5", "7", "x", "g", "L", "K", "S", "\0\0\0\0", "\u007f", "\u0085", "\u2028",
            "Files/d/d/d/d/d/d",
    ];

    public override string Name => "tar";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Sample(0), Sample(1), Sample(2), [.. Member("Files/a", '0', "x"), .. new byte[1024]], Gnu()];

    public override IReadOnlyList<byte[]> Words { get; } = [.. Keywords.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input) => ReadAndCopy(input.Length % 8 == 0 ? input.ToArray() : TarMending.Mend(input));

    /// <summary>Reads a tar to its end, refused entries passed over; an accepted one is written and read again.</summary>
    public static void ReadAndCopy(byte[] tar)
    {
        MemoryStream copy = new();
        List<LayerEntry> first = [];
        LayerRefusedException? refusal = null;
        using (LayerTarReader reader = new(new MemoryStream(tar)))
        using (LayerTarWriter writer = new(copy))
        {
            // Refused entries are passed over as lint does it; an entry takes a block at least, so this ends.
            for (int step = 0; step <= (tar.Length / 512) + 1; step++)
            {
                long before = reader.Position;
                try
                {
                    LayerEntry? entry = reader.Read();
                    if (entry is null)
                    {
                        Require(reader.Position == tar.Length, "the end is the end of the stream");
                        break;
                    }

                    Check(entry, tar.Length);
                    first.Add(entry);
                    writer.Write(entry);
                }
                catch (LayerRefusedException refused)
                {
                    Require(refused.TarOffset is { } offset && offset >= 0 && offset <= tar.Length, "a refusal says where");
                    refusal ??= refused;
                    if (reader.Position == before)
                        break;
                }
            }

            if (refusal is null)
                writer.Complete();
        }

        if (refusal is not null)
            throw refusal;
        CheckCopy(first, copy);
    }

    private static void Check(LayerEntry entry, int tarLength)
    {
        Require(entry.TarOffset >= 0 && entry.TarOffset < tarLength, "an entry lies in the tar");
        Require(entry.Kind == LayerEntryKind.OpaqueDirectory || !entry.Path.IsRoot, "an entry is not the root");
        Require(!entry.Path.Value.Split('\\').Contains(".."), "a path does not climb");
        Require(entry.Metadata.Times is { Creation.Ticks: >= 0, Access.Ticks: >= 0, Write.Ticks: >= 0, Change.Ticks: >= 0 },
            "times are ones that NTFS has");
        Require(
            entry.Kind is LayerEntryKind.File or LayerEntryKind.Directory
                ? entry.Metadata.Attributes.HasFlag(FileAttributes.Directory) == (entry.Kind == LayerEntryKind.Directory)
                : entry.Content.Data.Length == 0,
            "kind, attributes and content agree");
    }

    private static void CheckCopy(List<LayerEntry> first, MemoryStream copy)
    {
        copy.Position = 0;
        using LayerTarReader reader = new(copy);
        foreach (LayerEntry before in first)
        {
            LayerEntry? after = reader.Read();
            Require(after is not null && after.Kind == before.Kind && after.Path.Value == before.Path.Value, "a copy has the same entries");
            Require(after!.LinkTarget.Value == before.LinkTarget.Value, "a copy has the same links");
            bool isMarker = before.Kind is LayerEntryKind.Whiteout or LayerEntryKind.OpaqueDirectory;
            Require(isMarker || after.Metadata == before.Metadata, "a copy has the same metadata");
        }

        Require(reader.Read() is null, "a copy has no more entries");
    }

    private static byte[] Sample(int variant)
    {
        MemoryStream tar = new();
        using LayerTarWriter writer = new(tar);
        FileTimes times = new(new(132444736000000001), new(133444736107654321), new(133444736001234567), new(133444736205000000));
        void Write(LayerEntryKind kind, string name, FileMetadata metadata, string data = "",
            params (string Name, string Text)[] streams) => writer.Write(new LayerEntry
            {
                Kind = kind,
                Path = LayerPath.Parse(name),
                LinkTarget = kind == LayerEntryKind.HardLink ? LayerPath.Parse("Files/a.txt") : default,
                Metadata = metadata with { Times = times },
                Content = new SampleContent(data, streams),
                TarName = name,
            });
        switch (variant)
        {
            case 0:
                Write(LayerEntryKind.Directory, "Files",
                    new() { Attributes = FileAttributes.Directory, Security = SecurityDescriptor.FromSddl("O:BAG:SYD:(A;;FA;;;BA)") });
                Write(LayerEntryKind.File, "Files/a.txt", new() { Attributes = FileAttributes.Archive }, "text", ("s", "one"), ("t", ""));
                Write(LayerEntryKind.HardLink, "Files/b.txt", new());
                break;
            case 1:
                Write(LayerEntryKind.File, "Files/" + new string('n', 120),
                    new() { ExtendedAttributes = ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray())]) });
                Write(LayerEntryKind.File, "Files/r",
                    new() { Reparse = ReparsePoint.FromBuffer([0x17, 0, 0, 0x80, 4, 0, 0, 0, 1, 2, 3, 4]) }, "data");
                Write(LayerEntryKind.Whiteout, "Files/gone", new());
                break;
            default:
                Write(LayerEntryKind.Directory, "Files/j",
                    new() { Attributes = FileAttributes.Directory, Reparse = ReparsePoint.FromTarget("\\??\\C:\\x", isMountPoint: true) });
                Write(LayerEntryKind.File, "Files/ü", new() { Reparse = ReparsePoint.FromTarget("a/b", isMountPoint: false) });
                Write(LayerEntryKind.OpaqueDirectory, "Files/d", new());
                break;
        }

        writer.Complete();
        return tar.ToArray();
    }

    private static byte[] Gnu() =>
    [
        .. Member("././@LongLink", 'L', "Files/long\0", "ustar  \0"),
        .. Member("././@LongLink", 'K', "Files/target\0", "ustar  \0"),
        .. Member("Files/cut", '1', "", "ustar  \0"),
        .. Member("global", 'g', "17 comment=hello\n"),
        .. Member("Files/d/", '\0', "", "\0\0\0\0\0\0\0\0"),
        .. new byte[1024],
    ];

    private static byte[] Member(string name, char type, string body, string magic = "ustar\000")
    {
        byte[] header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(body.Length, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[156] = (byte)type;
        Encoding.ASCII.GetBytes(magic).CopyTo(header, 257);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        return TarMending.Mend([.. header, .. bytes, .. new byte[-bytes.Length & 511]]);
    }

    private sealed class SampleContent(string data, (string Name, string Text)[] streams) : EntryContent
    {
        private int _next;

        public override Stream Data { get; } = new MemoryStream(Encoding.UTF8.GetBytes(data));

        public override AlternateStream? NextStream() =>
            _next < streams.Length
                ? new AlternateStream(streams[_next].Name, new MemoryStream(Encoding.UTF8.GetBytes(streams[_next++].Text))) : null;
    }
}
