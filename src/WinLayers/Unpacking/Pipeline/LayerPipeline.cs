using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Digests;

namespace WinLayers.Unpacking.Pipeline;

/// <summary>
/// A layer's way from its compressed bytes to its tar: read, inflate and DiffID as overlapping stages. Reading <see cref="Tar"/> to its
/// end is
/// the check: it reports the end only when the DiffID is right.
/// </summary>
internal sealed class LayerPipeline : IDisposable
{
    private readonly PipelineStage _read;
    private readonly PipelineStage _inflate;
    private readonly PipelineStage _diffId;

    private LayerPipeline(PipelineStage read, PipelineStage inflate, PipelineStage diffId)
    {
        _read = read;
        _inflate = inflate;
        _diffId = diffId;
        Tar = new QueueStream(diffId.Output);
    }

    /// <summary>The uncompressed layer. Disposing the pipeline before its end stops all stages.</summary>
    public Stream Tar { get; }

    /// <summary>The digest of the tar, once <see cref="Tar"/> was read to its end.</summary>
    public Digest? DiffId => _diffId.Digest;

    /// <summary>Compressed bytes read so far.</summary>
    public long CompressedBytes => _read.Bytes;

    /// <summary>Time that <see cref="Tar"/>'s reader waited for bytes.</summary>
    public TimeSpan ReaderWaited => _diffId.Output.ConsumerWaited;

    /// <summary>Bytes of the tar so far.</summary>
    public long TarBytes => _diffId.Bytes;

    /// <summary>Where the stages' time went; true once disposed.</summary>
    public IReadOnlyList<StageTiming> Timings => [_read.Timing, _inflate.Timing, _diffId.Timing];

    /// <summary>Starts the stages. They fill their queues and wait there until <see cref="Tar"/> is read.</summary>
    /// <param name="openBlob">Opens the compressed bytes; they check their own size and digest at their end.</param>
    /// <param name="mediaType">The blob's media type.</param>
    /// <param name="diffId">What the digest of the tar has to be.</param>
    /// <param name="limits">What the layer may cost.</param>
    /// <param name="cancellationToken">
    /// Stops all stages; the reader of <see cref="Tar"/> then gets an <see cref="OperationCanceledException"/>.
    /// </param>
    public static LayerPipeline Start(
        Func<Stream> openBlob, string mediaType, DiffIdCheck diffId, LayerLimits limits, CancellationToken cancellationToken)
    {
        PipelineStage read = PipelineStage.Read("read", openBlob, before: null, cancellationToken);
        PipelineStage inflate = PipelineStage.Read(
            "inflate", () => Decompression.Open(new QueueStream(read.Output), mediaType, limits), read, cancellationToken);
        PipelineStage verify = PipelineStage.Verify("diffid", inflate, diffId.Algorithm, diffId.Require, cancellationToken);
        return new LayerPipeline(read, inflate, verify);
    }

    /// <summary>Stops what still runs and waits for it.</summary>
    public void Dispose()
    {
        Tar.Dispose();
        _diffId.Join();
        _inflate.Join();
        // Decompression that failed to open has not taken its input over.
        _read.Output.Abandon();
        _read.Join();
    }
}
