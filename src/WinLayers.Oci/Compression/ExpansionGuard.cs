using WinLayers.Oci.Content;

namespace WinLayers.Oci.Compression;

/// <summary>Counts what goes into and comes out of a decompressor, and stops one that makes too much of too little.</summary>
internal sealed class ExpansionGuard(int ratioLimit)
{
    // Small files of nothing but zeros exceed every ratio and harm nobody.
    internal const long FreeBytes = 1 << 20;

    private long _compressed;
    private long _expanded;

    internal void Consumed(int count) => _compressed += count;

    internal void Produced(int count)
    {
        _expanded += count;
        if (_expanded > FreeBytes && _expanded - FreeBytes > _compressed * ratioLimit)
        {
            throw new CompressionException(
                CompressionFailure.ExpansionRatio,
                $"{_compressed} compressed bytes have become more than {_expanded - 1}: over the limit of {ratioLimit} to 1. Raise it only for a layer you trust (--limit expansion=N).");
        }
    }
}
