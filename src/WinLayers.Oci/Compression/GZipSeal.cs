using System.IO.Compression;
using System.Security.Cryptography;

namespace WinLayers.Oci.Compression;

/// <summary>A small gzip member with an unpredictable payload, made once for each process.</summary>
internal static class GZipSeal
{
    internal const int PayloadLength = 16;

    internal static byte[] Payload { get; } = RandomNumberGenerator.GetBytes(PayloadLength);

    internal static byte[] Member { get; } = Compress(Payload);

    private static byte[] Compress(byte[] payload)
    {
        using MemoryStream member = new();
        using (GZipStream gzip = new(member, CompressionLevel.NoCompression, leaveOpen: true))
            gzip.Write(payload);
        return member.ToArray();
    }
}
