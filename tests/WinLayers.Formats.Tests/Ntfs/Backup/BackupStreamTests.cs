using System.Security.Cryptography;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Ntfs.Security;
using static WinLayers.Formats.Tests.Ntfs.Security.DescriptorBytes;

namespace WinLayers.Formats.Tests.Ntfs.Backup;

public sealed class BackupStreamTests
{
    public static TheoryData<string> BaseCases => new(RecordedEntry.BaseCases);

    [Theory]
    [MemberData(nameof(BaseCases))]
    public void Writer_EntriesOfALayer_GiveTheBytesOfTheReference(string name)
    {
        foreach (RecordedEntry entry in RecordedEntry.Of(name).Where(entry => entry.IsWhole))
        {
            using MemoryStream stream = new();
            BackupStreamWriter writer = new(stream);
            foreach (RecordedRecord record in entry.Records)
                Write(writer, record);
            Assert.Equal(entry.StreamSha256, Convert.ToHexStringLower(SHA256.HashData(stream.ToArray())));

            stream.Position = 0;
            BackupStreamReader reader = new(stream);
            foreach (RecordedRecord record in entry.Records)
                AssertSame(record, reader.ReadNext());
            Assert.Null(reader.ReadNext());
        }
    }

    [Fact]
    public void RecordedEntries_AreNearlyAllWhole() =>
        Assert.Equal(2, RecordedEntry.BaseCases.SelectMany(RecordedEntry.Of).Count(entry => !entry.IsWhole));

    [Fact]
    public void WriteMetadata_HasTheOrderOfWindows()
    {
        using MemoryStream stream = new();
        new BackupStreamWriter(stream).WriteMetadata(new FileMetadata
        {
            Reparse = ReparsePoint.FromTarget("a", isMountPoint: false),
            ExtendedAttributes = ExtendedAttributes.FromItems([new("A", default)]),
            Security = SecurityDescriptor.FromBytes(Descriptor(0x8000)),
        });

        stream.Position = 0;
        Assert.Equal([BackupRecordKind.Security, BackupRecordKind.ExtendedAttributes, BackupRecordKind.Reparse], Kinds(stream));
    }

    [Fact]
    public void Writer_RecordHeader_HasTheDocumentedLayout()
    {
        using MemoryStream stream = new();
        BackupStreamWriter writer = new(stream);
        writer.WriteData(Stream.Null, 0);
        writer.WriteAlternate("s", new MemoryStream([7]), 1);

        Assert.Equal(
            Hex("01000000 00000000 0000000000000000 00000000"
                + "04000000 00000000 0100000000000000 10000000 3A00 7300 3A00 2400 4400 4100 5400 4100 07"),
            stream.ToArray());
    }

    [Fact]
    public void Writer_ShortSource_IsRefused()
    {
        BackupStreamWriter writer = new(new MemoryStream());

        Assert.Equal(NtfsRules.BackupStreamShort,
            Assert.Throws<LayerRefusedException>(() => writer.WriteData(new MemoryStream(new byte[9]), 10)).Rule);
        Assert.Equal(NtfsRules.BackupStreamShort,
            Assert.Throws<LayerRefusedException>(() => writer.WriteAlternate("s", Stream.Null, 1)).Rule);
    }

    [Fact]
    public void Writer_LongSource_IsReadForItsLengthAlone()
    {
        using MemoryStream source = new([1, 2, 3]), stream = new();
        new BackupStreamWriter(stream).WriteData(source, 2);

        Assert.Equal(2, source.Position);
        Assert.Equal(22, stream.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a\\b")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    public void Writer_BadStreamName_IsRefused(string name) =>
        Assert.Equal(NtfsRules.StreamName,
            Assert.Throws<LayerRefusedException>(() => new BackupStreamWriter(Stream.Null).WriteAlternate(name, Stream.Null, 0)).Rule);

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Writer_LongStreamName_KeepsToItsLimit(int length, bool fits)
    {
        using MemoryStream stream = new();
        string name = new('s', length);
        if (!fits)
        {
            Assert.Throws<LayerRefusedException>(() => new BackupStreamWriter(stream).WriteAlternate(name, Stream.Null, 0));
            return;
        }

        new BackupStreamWriter(stream).WriteAlternate(name, Stream.Null, 0);
        stream.Position = 0;
        Assert.Equal(name, new BackupStreamReader(stream).ReadNext()?.AlternateName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reader_UnknownKinds_AreSkippedWithTheirNames(bool trickles)
    {
        using Stream stream = Source(
            "05000000 00000000 0200000000000000 04000000 61006200 0102" // a link, with a name
                + "09270000 00000000 0300000000000000 00000000 010203" // a kind nobody knows
                + "01000000 00000000 0100000000000000 00000000 41"
                + "07000000 00000000 1000000000000000 00000000 00112233445566778899AABBCCDDEEFF",
            trickles);
        BackupStreamReader reader = new(stream);

        BackupRecord? data = reader.ReadNext();

        Assert.Equal(BackupRecordKind.Data, data?.Kind);
        Assert.Equal([0x41], ReadAll(data!.Body));
        Assert.Null(reader.ReadNext());
    }

    [Fact]
    public void Reader_SparseBlock_KeepsItsOffsetOutOfItsBody()
    {
        using Stream stream =
            Source("01000000 08000000 0000000000000000 00000000" + "09000000 08000000 0A00000000000000 00000000 0000010000000000 4142");
        BackupStreamReader reader = new(stream);

        Assert.Equal(8u, reader.ReadNext()!.Header.Attributes);
        BackupRecord block = reader.ReadNext()!;
        Assert.Equal(0x10000, block.SparseOffset);
        Assert.Equal(2, block.Length);
        Assert.Equal("AB"u8.ToArray(), ReadAll(block.Body));
        Assert.Null(reader.ReadNext());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reader_UnreadBodies_ArePassedOver(bool trickles)
    {
        using Stream stream =
            Source("01000000 00000000 0400000000000000 00000000 01020304"
            + "04000000 00000000 0100000000000000 10000000 3A00 7300 3A00 2400 6400 6100 7400 6100 07", trickles);
        BackupStreamReader reader = new(stream);

        Assert.Equal(1, reader.ReadNext()!.Body.ReadByte());
        Assert.Equal("s", reader.ReadNext()!.AlternateName);
        Assert.Null(reader.ReadNext());
    }

    [Theory]
    [InlineData("010000", "backup-stream-short")] // inside a header
    [InlineData("01000000 00000000 0200000000000000 00000000 01", "backup-stream-short")] // inside a body
    [InlineData("05000000 00000000 0200000000000000 00000000", "backup-stream-short")] // inside a body that is skipped
    [InlineData("04000000 00000000 0000000000000000 10000000 3A00", "backup-stream-short")] // inside a name
    [InlineData("09000000 00000000 0800000000000000 00000000 00000000", "backup-stream-short")] // inside an offset
    [InlineData("01000000 00000000 FFFFFFFFFFFFFFFF 00000000", "backup-stream")] // negative size
    [InlineData("01000000 00000000 FFFFFFFFFFFFFF7F 00000000", "backup-stream-short")] // the largest size
    [InlineData("05000000 00000000 0000000000000000 FFFFFFFF", "backup-stream")] // endless name
    [InlineData("05000000 00000000 0000000000000000 0E020000", "backup-stream")] // a name of 526 bytes
    [InlineData("04000000 00000000 0000000000000000 03000000 3A0073", "backup-stream")] // half a unit
    [InlineData("09000000 00000000 0700000000000000 00000000", "backup-stream")] // no room for the offset
    [InlineData("09000000 00000000 0900000000000000 00000000 FFFFFFFFFFFFFFFF 01", "backup-stream")] // negative offset
    [InlineData("09000000 00000000 0900000000000000 00000000 FFFFFFFFFFFFFF7F 01", "backup-stream")] // ends past 2^63
    [InlineData("04000000 00000000 0000000000000000 00000000", "stream-name")] // no name
    [InlineData("04000000 00000000 0000000000000000 0E000000 3A003A00240044004100540041 00", "stream-name")] // an empty one
    [InlineData("04000000 00000000 0000000000000000 10000000 3A002F003A00240044004100540041 00", "stream-name")] // a slash
    [InlineData("04000000 00000000 0000000000000000 12000000 3A0061003A003A00240044004100540041 00", "stream-name")] // two colons
    [InlineData("04000000 00000000 0000000000000000 04000000 3A006100", "stream-name")] // no type
    public void Reader_HostileStream_IsRefused(string hex, string rule)
    {
        foreach (bool trickles in new[] { false, true })
        {
            using Stream stream = Source(hex, trickles);
            LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Kinds(stream));
            Assert.Equal(rule, refused.Rule.Name);
        }
    }

    [Theory]
    [InlineData("03000000", "security-descriptor-size")]
    [InlineData("02000000", "extended-attributes-size")]
    [InlineData("08000000", "reparse-point-size")]
    public void ReadValue_HugeRecord_IsRefusedBeforeItIsRead(string kind, string rule)
    {
        using Stream stream = Source(kind + "00000000 0000000000010000 00000000");
        BackupRecord record = new BackupStreamReader(stream).ReadNext()!;

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => _ = kind switch
        {
            "03000000" => (object)record.ReadSecurity(),
            "02000000" => record.ReadExtendedAttributes(),
            _ => record.ReadReparse(),
        });
        Assert.Equal(rule, refused.Rule.Name);
    }

    private static void Write(BackupStreamWriter writer, RecordedRecord record)
    {
        switch (record.Kind)
        {
            case "security":
                writer.WriteSecurity(SecurityDescriptor.FromBytes(record.Bytes));
                break;
            case "ea":
                writer.WriteExtendedAttributes(ExtendedAttributes.FromList(record.Bytes));
                break;
            case "reparse":
                writer.WriteReparse(ReparsePoint.FromBuffer(record.Bytes));
                break;
            case "data":
                writer.WriteData(new MemoryStream(record.Bytes), record.Bytes.Length);
                break;
            default:
                writer.WriteAlternate(record.Name![1..^":$DATA".Length], new MemoryStream(record.Bytes), record.Bytes.Length);
                break;
        }
    }

    private static void AssertSame(RecordedRecord expected, BackupRecord? actual)
    {
        Assert.NotNull(actual);
        byte[] bytes = expected.Kind switch
        {
            "security" => actual.ReadSecurity().Bytes.ToArray(),
            "ea" => actual.ReadExtendedAttributes().List.ToArray(),
            "reparse" => actual.ReadReparse().Buffer.ToArray(),
            _ => ReadAll(actual.Body),
        };
        Assert.Equal(expected.Bytes, bytes);
        Assert.Equal(expected.Name, actual.AlternateName is { } name ? StreamName.ToRecordName(name) : null);
    }

    private static List<BackupRecordKind> Kinds(Stream stream)
    {
        BackupStreamReader reader = new(stream);
        List<BackupRecordKind> kinds = [];
        while (reader.ReadNext() is { } record)
            kinds.Add(record.Kind);
        return kinds;
    }

    private static byte[] ReadAll(Stream body)
    {
        byte[] bytes = new byte[body.Length];
        body.ReadExactly(bytes);
        Assert.Equal(0, body.Read(new byte[1], 0, 1));
        return bytes;
    }

    private static Stream Source(string hex, bool trickles = false) =>
        trickles ? new TricklingStream(Hex(hex)) : new MemoryStream(Hex(hex));

    // Gives one byte at a time and cannot seek, as a pipe or a decompressor may.
    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
