using System.IO.Compression;

namespace WinLayers.Testing;

/// <summary>Bytes that compress like text, and their gzip form.</summary>
internal static class TestBytes
{
    internal static byte[] MakeContent(int length)
    {
        byte[] content = new byte[length];
        Random random = new(7);
        for (int i = 0; i < length; i++)
            content[i] = (byte)("abcdefgh"[random.Next(8)] + (random.Next(40) == 0 ? random.Next(100) : 0));
        return content;
    }

    internal static byte[] Compress(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using MemoryStream to = new();
        using (GZipStream gzip = new(to, level))
            gzip.Write(content);
        byte[] result = to.ToArray();

        // The framework writes nothing at all for no content.
        return result.Length > 0 ? result : [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }
}
