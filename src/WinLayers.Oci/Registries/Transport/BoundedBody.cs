using System.Buffers;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Reads bodies whose size a hostile server may choose.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body, or null where it is longer than <paramref name="limit"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
            return null;
        Stream body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
            try
            {
                int length = 0;
                while (true)
                {
                    int read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                        return buffer[..length];
                    length += read;
                    if (length > limit)
                        return null;
                    if (length == buffer.Length)
                        buffer = Grow(buffer);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
