using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;

namespace WinLayers.Benchmarks;

/// <summary>A layer's tar in memory, shaped like a Windows base layer: metadata on every entry, a descriptor that repeats.</summary>
internal static class SampleTar
{
    private const string Descriptor = "O:BAG:SYD:PAI(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)";

    public static byte[] Make(int entries, int bytesEach)
    {
        var tar = new MemoryStream();
        using var writer = new LayerTarWriter(tar);
        var metadata = new FileMetadata
        {
            Attributes = FileAttributes.Archive,
            Times = FileTimes.All(FileTime.FromUnix(1_700_000_000, 1_234_567)),
            Security = SecurityDescriptor.FromSddl(Descriptor),
        };
        byte[] body = new byte[bytesEach];
        new Random(1).NextBytes(body);
        for (int i = 0; i < entries; i++)
        {
            string name = $"Files/Windows/System32/folder{i / 50}/component{i}.dll";
            writer.Write(new LayerEntry
            {
                Kind = LayerEntryKind.File,
                Path = LayerPath.Parse(name),
                Metadata = metadata,
                TarName = name,
                Content = new Body(body),
            });
        }

        writer.Complete();
        return tar.ToArray();
    }

    private sealed class Body(byte[] bytes) : EntryContent
    {
        public override Stream Data { get; } = new MemoryStream(bytes, writable: false);

        public override AlternateStream? NextStream() => null;
    }
}
