using WinLayers.Formats;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Oci.Sources;

/// <summary>A layer's blob that is not as the image says.</summary>
/// <param name="Blob">Its digest in the manifest.</param>
/// <param name="IsMissing">Whether the source does not have it; else its bytes are others.</param>
/// <param name="Detail">What was found.</param>
public sealed record BlobProblem(Digest Blob, bool IsMissing, string Detail);

/// <summary>What a check of an image at its source found.</summary>
/// <param name="Blobs">Blobs that were read, manifest and configuration among them.</param>
/// <param name="BytesRead">Bytes of the layers, uncompressed.</param>
/// <param name="Problems">What differs; empty where all is well.</param>
public sealed record ImageVerification(int Blobs, long BytesRead, IReadOnlyList<BlobProblem> Problems);

/// <summary>Checks an image where it is: of each layer the digest, the size and the DiffID. Nothing is stored.</summary>
public static class ImageVerifier
{
    private const int BufferLength = 128 << 10;

    /// <summary>Reads every layer of an image to its end. A layer that is missing or differs does not stop the others.</summary>
    /// <param name="source">Where the image is.</param>
    /// <param name="image">The image; resolving it has checked manifest and configuration.</param>
    /// <param name="progress">Told of every layer's blob; never of one that is missing.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ImageVerification> VerifyAsync(
        IImageSource source, ResolvedImage image, IProgress<TransferProgress>? progress = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(image);
        List<BlobProblem> problems = [];
        int blobs = 2;
        long bytes = 0;
        foreach (ResolvedLayer layer in image.Layers)
        {
            Stream blob;
            try
            {
                blob = await source.OpenBlobAsync(layer.Descriptor, offset: 0, cancellationToken).ConfigureAwait(false);
            }
            catch (WinLayersException missing) when (!DiskException.IsOutOfFiles(missing))
            {
                problems.Add(new BlobProblem(layer.Descriptor.Digest, IsMissing: true, missing.Message));
                continue;
            }

            blobs++;
            TransferState state = TransferState.Done;
            try
            {
                var watched = new ProgressStream(blob, layer.Descriptor, progress, cancellationToken);
                await Task.Run(() => Drain(watched, layer, ref bytes), cancellationToken).ConfigureAwait(false);
            }
            catch (WinLayersException wrong) when (!DiskException.IsOutOfFiles(wrong))
            {
                problems.Add(new BlobProblem(layer.Descriptor.Digest, IsMissing: false, wrong.Message));
                state = TransferState.Refused;
            }

            progress?.Report(new TransferProgress(layer.Descriptor, state, layer.Descriptor.Size));
        }

        return new ImageVerification(blobs, bytes, problems);
    }

    // Reading a verifying stream to its end is the check.
    private static void Drain(Stream blob, ResolvedLayer layer, ref long bytes)
    {
        using var compressed = new VerifyingStream(blob, layer.Descriptor);
        using var tar =
            new VerifyingStream(Decompression.Open(compressed, layer.Descriptor.MediaType), "uncompressed layer", layer.DiffId, size: null);
        byte[] buffer = new byte[BufferLength];
        while (tar.Read(buffer) is var read and > 0)
            bytes += read;
    }
}
