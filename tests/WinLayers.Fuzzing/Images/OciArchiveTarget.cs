using System.Formats.Tar;
using System.Text;
using WinLayers.Fuzzing.Tar;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;

namespace WinLayers.Fuzzing.Images;

/// <summary>Layouts packed as a tar, checksums put right: an accepted manifest has its digest, whatever the tar says of it.</summary>
internal sealed class OciArchiveTarget : FuzzTarget
{
    private static readonly string File = Path.Combine(ScratchFolder.Make("oci-archive"), "image.tar");
    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes(
        $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{"mediaType":"{{{MediaTypes.OciConfig}}}","digest":"sha256:{{{new string('c', 64)}}}","size":2},"layers":[]}""");

    public override string Name => "oci-archive";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Pack(($"blobs/sha256/{ContentHash.Of(Manifest).Hex}", Manifest, null)),
        Pack(($"blobs/sha256/{ContentHash.Of(Manifest).Hex}", null, "../../kept"), ("kept", Manifest, null)),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "oci-layout", "index.json", "blobs/sha256/", "../", "./", "\"manifests\":", "\"size\":", "\"digest\":",
            "imageLayoutVersion",
            "1.0.0", MediaTypes.OciIndex }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        System.IO.File.WriteAllBytes(File, TarMending.Mend(input));
        OciArchiveSource source = OciArchiveSource.OpenAsync(OciArchiveReference.Parse($"oci-archive:{File}")).GetAwaiter().GetResult();
        try
        {
            RawManifest manifest = source.GetManifestAsync(digest: null).GetAwaiter().GetResult();
            Require(ContentHash.Of(manifest.Bytes.Span, manifest.Digest) == manifest.Digest, "a manifest has its digest");
            ImageDocument.Parse(manifest);
        }
        finally
        {
            source.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static byte[] Pack(params (string Name, byte[]? Bytes, string? Link)[] files)
    {
        string index = $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{ContentHash.Of(Manifest)}}}","size":{{{Manifest.Length}}}}]}""";
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[]? bytes, string? link) in ((string, byte[]?, string?)[])[
                ("oci-layout", Encoding.UTF8.GetBytes("""{"imageLayoutVersion":"1.0.0"}"""), null),
                ("index.json", Encoding.UTF8.GetBytes(index), null), .. files])
            {
                writer.WriteEntry(link is not null ? new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = link }
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes!) });
            }
        }

        return tar.ToArray();
    }
}
