using System.Buffers;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Sources;

/// <summary>Brings blobs from a source into a store, going on where an earlier run stopped.</summary>
public static class BlobFetcher
{
    private const int BufferLength = 256 << 10;

    /// <summary>Brings a blob into the store, verified; nothing to do where it is there.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="store">Where it goes.</param>
    /// <param name="blob">Which.</param>
    /// <param name="progress">Told how many bytes are there, those of earlier runs included.</param>
    /// <param name="cancellationToken">Stops the transfer; what has come stays for the next run.</param>
    /// <exception cref="DigestMismatchException">The source has other bytes under this digest.</exception>
    /// <exception cref="SizeMismatchException">The source has more or fewer bytes.</exception>
    public static async Task FetchAsync(
        IImageSource source, BlobStore store, Descriptor blob, IProgress<long>? progress = null,
            CancellationToken cancellationToken = default)
    {
        BlobWriter? writer = await store.BeginWriteAsync(blob, cancellationToken).ConfigureAwait(false);
        if (writer is null)
        {
            progress?.Report(blob.Size);
            return;
        }

        await using (writer.ConfigureAwait(false))
        {
            bool isResumed = writer.Offset > 0;
            try
            {
                await CopyAsync(source, writer, blob, progress, cancellationToken).ConfigureAwait(false);
                writer.Commit();
            }
            catch (Exception e) when (isResumed && e is DigestMismatchException or SizeMismatchException)
            {
                // What the earlier run left may be what is wrong: once more, from the start.
                writer.Restart();
                await CopyAsync(source, writer, blob, progress, cancellationToken).ConfigureAwait(false);
                writer.Commit();
            }
        }
    }

    /// <summary>
    /// Reads the source from where the writer stands to its end; nothing where the writer has it all. The writer is not committed.
    /// </summary>
    internal static async Task CopyAsync(
        IImageSource source, BlobWriter writer, Descriptor blob, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(writer.Offset);
        if (writer.Offset == blob.Size)
            return;
        Stream content = await source.OpenBlobAsync(blob, writer.Offset, cancellationToken).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                writer.Write(buffer.AsSpan(0, count));
                progress?.Report(writer.Offset);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await content.DisposeAsync().ConfigureAwait(false);
        }
    }
}
