using System.IO.Compression;
using System.Text.Json;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Samples;

/// <summary>
/// The sample image: shaped like Windows, with nothing of Windows in it. Its layers are made when it is opened, into temporary files that
/// are gone when it is disposed. Their tars are the same everywhere; the compressed bytes are so for one release of the framework.
/// </summary>
public sealed class SampleSource : IImageSource
{
    private const string OsVersion = "10.0.20348.2031";
    private const string Created = "2024-01-01T00:00:00Z";

    private readonly SampleReference _reference;
    private readonly Dictionary<Digest, FileStream> _layers = [];
    private byte[] _config = [];
    private byte[] _manifest = [];

    private SampleSource(SampleReference reference) => _reference = reference;

    /// <inheritdoc/>
    public string Name => _reference.ToString();

    /// <summary>Makes the sample; the large one takes a while and room for temporary files.</summary>
    public static async Task<SampleSource> OpenAsync(SampleReference reference, CancellationToken cancellationToken)
    {
        SampleSource source = new(reference);
        try
        {
            await Task.Run(() => source.Make(cancellationToken), cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<RawManifest> GetManifestAsync(Digest? digest, CancellationToken cancellationToken = default)
    {
        Digest own = ContentHash.Of(_manifest);
        if (digest is { } wanted && wanted != own)
            throw new ManifestException(ManifestFailure.NotFound, wanted.ToString(), $"'{Name}' has no such manifest");
        return Task.FromResult(new RawManifest(MediaTypes.OciManifest, own, _manifest));
    }

    /// <inheritdoc/>
    public Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken = default)
    {
        if (blob.Digest == ContentHash.Of(_config))
            return Task.FromResult<Stream>(new MemoryStream(_config, (int)offset, _config.Length - (int)offset, writable: false));
        if (!_layers.TryGetValue(blob.Digest, out FileStream? file))
            throw new ManifestException(ManifestFailure.NotFound, blob.Digest.ToString(), $"'{Name}' has no such blob");
        return Task.FromResult<Stream>(new FileSection(file.SafeFileHandle, 0, file.Length) { Position = offset });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (FileStream file in _layers.Values)
            await file.DisposeAsync().ConfigureAwait(false);
    }

    private void Make(CancellationToken cancellationToken)
    {
        List<(Descriptor Blob, Digest DiffId)> layers =
        [
            MakeLayer(builder => SampleLayers.WriteBase(builder, _reference), cancellationToken),
            MakeLayer(SampleLayers.WriteApplication, cancellationToken),
            MakeLayer(SampleLayers.WriteUpdate, cancellationToken),
        ];
        _config = DocumentWriter.WriteObject(writer => WriteConfig(writer, layers.Select(static layer => layer.DiffId)));
        Descriptor config = new() { MediaType = MediaTypes.OciConfig, Digest = ContentHash.Of(_config), Size = _config.Length };
        _manifest = DocumentWriter.WriteManifest(config, layers.Select(static layer => layer.Blob));
    }

    private (Descriptor Blob, Digest DiffId) MakeLayer(Action<SampleLayerBuilder> write, CancellationToken cancellationToken)
    {
        FileStream file = ArchiveFile.CreateTemporary();
        try
        {
            using HashingWriter blob = new(file);
            Digest diffId;
            using (GZipStream gzip = new(blob, CompressionLevel.Fastest, leaveOpen: true))
            using (BufferedStream buffered = new(gzip, 256 << 10))
            using (HashingWriter tar = new(buffered))
            {
                using LayerTarWriter writer = new(tar);
                write(new SampleLayerBuilder(writer, cancellationToken));
                writer.Complete();
                diffId = tar.Digest;
            }

            Descriptor descriptor = new() { MediaType = MediaTypes.OciLayerGZip, Digest = blob.Digest, Size = file.Length };
            _layers.Add(descriptor.Digest, file);
            return (descriptor, diffId);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void WriteConfig(Utf8JsonWriter writer, IEnumerable<Digest> diffIds)
    {
        writer.WriteString("created", Created);
        DescriptorJson.WritePlatform(writer, new Platform { Os = "windows", Architecture = "amd64", OsVersion = OsVersion });
        writer.WriteStartObject("config");
        DocumentWriter.WriteTexts(writer, "Cmd", [@"c:\app\app.exe"]);
        writer.WriteString("WorkingDir", @"c:\app");
        writer.WriteEndObject();
        writer.WriteStartObject("rootfs");
        writer.WriteString("type", "layers");
        DocumentWriter.WriteTexts(writer, "diff_ids", diffIds.Select(static diffId => diffId.ToString()));
        writer.WriteEndObject();
        writer.WriteStartArray("history");
        foreach (string step in (string[])["Apply image 10.0.20348.2031", "COPY app c:/app", "RUN update"])
        {
            writer.WriteStartObject();
            writer.WriteString("created", Created);
            writer.WriteString("created_by", step);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
