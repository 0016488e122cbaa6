using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>Reads documents that are small by nature: bounded, and verified where their digest is known.</summary>
internal static class DocumentBytes
{
    internal static async Task<byte[]> ReadAsync(Stream stream, Digest digest, int limitBytes, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadAsync(stream, digest.ToString(), limitBytes, cancellationToken).ConfigureAwait(false);
        Digest actual = ContentHash.Of(bytes, digest);
        return actual == digest ? bytes : throw new DigestMismatchException("document", digest, actual, bytes.Length);
    }

    internal static async Task<byte[]> ReadAsync(Stream stream, string document, int limitBytes, CancellationToken cancellationToken)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            if (all.Length + count > limitBytes)
                throw new ManifestException(ManifestFailure.TooLarge, document,
                    $"it has more than the {limitBytes} bytes that are allowed");
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    internal static byte[] Read(FileStream stream, string document, int limitBytes)
    {
        byte[] bytes = new byte[Math.Min(stream.Length, limitBytes) + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= limitBytes
            ? bytes[..length]
            : throw new ManifestException(ManifestFailure.TooLarge, document, $"it has more than the {limitBytes} bytes that are allowed");
    }
}
