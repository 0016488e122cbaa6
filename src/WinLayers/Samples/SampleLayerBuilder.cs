using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;

namespace WinLayers.Samples;

/// <summary>Writes a sample layer's entries, with Windows-like metadata on every one.</summary>
internal sealed class SampleLayerBuilder(LayerTarWriter tar, CancellationToken cancellationToken)
{
    private const string TrustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";

    private static readonly SecurityDescriptor[] Descriptors =
    [
        SecurityDescriptor.FromSddl(
            $"O:{TrustedInstaller}G:{TrustedInstaller}D:PAI(A;;FA;;;{TrustedInstaller})" +
                "(A;;0x1200a9;;;SY)(A;;0x1200a9;;;BA)(A;;0x1200a9;;;BU)"),
        SecurityDescriptor.FromSddl("O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)"),
        SecurityDescriptor.FromSddl("O:SYG:SYD:P(A;;FA;;;SY)(A;;FA;;;BA)"),
        SecurityDescriptor.FromSddl("O:BAG:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1301bf;;;AU)"),
    ];

    private uint _count;

    internal void Directory(string name, FileAttributes attributes = FileAttributes.Directory, ReparsePoint? reparse = null,
        params (string Name, string Text)[] streams)
    {
        FileAttributes all = attributes | FileAttributes.Directory | (reparse is null ? FileAttributes.None : FileAttributes.ReparsePoint);
        Write(LayerEntryKind.Directory, name, all, reparse, eas: null, Stream.Null, streams);
    }

    internal void File(
        string name, Stream data, FileAttributes attributes = FileAttributes.Archive,
            ReparsePoint? reparse = null, ExtendedAttributes? eas = null,
        params (string Name, string Text)[] streams) =>
        Write(LayerEntryKind.File, name, attributes | (reparse is null ? FileAttributes.None : FileAttributes.ReparsePoint), reparse, eas,
            data, streams);

    /// <summary>A file with text.</summary>
    internal void Text(string name, string text) => File(name, new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false));

    /// <summary>A file that begins like a program and compresses like one.</summary>
    internal void Program(string name, long length)
    {
        byte[] head = new byte[128];
        "MZ"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(0x3c), 0x80);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(0x40), _count);
        Encoding.UTF8.GetBytes(name.AsSpan(Math.Max(0, name.Length - 32)), head.AsSpan(0x48, 56));
        File(name, SampleBytes.Open(head, length, _count));
    }

    /// <summary>A file that begins like a registry hive.</summary>
    internal void Hive(string name, long length)
    {
        byte[] head = new byte[512];
        "regf"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), 5);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(28), 1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(36), 0x20);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(40), (int)length - 4096);
        File(name, SampleBytes.Open(head, length, _count));
    }

    internal void Link(string name, string target) => Put(new LayerEntry
    {
        Kind = LayerEntryKind.HardLink,
        Path = LayerPath.Parse(name),
        LinkTarget = LayerPath.Parse(target),
        TarName = name,
        Metadata = new FileMetadata { Attributes = FileAttributes.Archive, Times = Times() },
    });

    internal void Whiteout(string name) => Put(new LayerEntry
    {
        Kind = LayerEntryKind.Whiteout,
        Path = LayerPath.Parse(name),
        TarName = name,
        Metadata = new FileMetadata(),
    });

    private void Write(
        LayerEntryKind kind, string name, FileAttributes attributes, ReparsePoint? reparse, ExtendedAttributes? eas, Stream data,
            (string Name, string Text)[] streams) =>
        Put(new LayerEntry
        {
            Kind = kind,
            Path = LayerPath.Parse(name),
            TarName = name,
            Content = new SampleContent(data, streams),
            Metadata = new FileMetadata
            {
                Attributes = attributes,
                Times = Times(),
                Security = Descriptors[_count % (uint)Descriptors.Length],
                ExtendedAttributes = eas,
                Reparse = reparse,
            },
        });

    private void Put(LayerEntry entry)
    {
        cancellationToken.ThrowIfCancellationRequested();
        tar.Write(entry);
        _count++;
    }

    // Four different times with parts of a second, so that none can stand in for another.
    private FileTimes Times()
    {
        FileTime At(int day) =>
            FileTime.FromUnix(1_704_067_200 + (day * 86_400L) + _count, (int)((_count * 1_234_567L) % FileTime.TicksPerSecond));
        return new FileTimes(At(0), At(30), At(10), At(20));
    }

    private sealed class SampleContent(Stream data, (string Name, string Text)[] streams) : EntryContent
    {
        private int _next;

        public override Stream Data => data;

        public override AlternateStream? NextStream() =>
            _next == streams.Length ? null
                : new(streams[_next].Name, new MemoryStream(Encoding.UTF8.GetBytes(streams[_next++].Text), writable: false));
    }
}
