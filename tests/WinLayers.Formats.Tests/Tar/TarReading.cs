using System.Text;
using WinLayers.Formats.Tar;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>An entry with its content read, so that it outlives the reader.</summary>
internal sealed record ReadEntry(LayerEntry Entry, byte[] Data, IReadOnlyList<(string Name, byte[] Bytes)> Streams)
{
    public string Text => Encoding.UTF8.GetString(Data);
}

internal static class TarReading
{
    public static List<ReadEntry> ReadAll(this LayerTarReader reader)
    {
        List<ReadEntry> all = [];
        while (reader.Read() is { } entry)
        {
            byte[] data = Bytes(entry.Content.Data);
            List<(string Name, byte[] Bytes)> streams = [];
            while (entry.Content.NextStream() is { } stream)
                streams.Add((stream.Name, Bytes(stream.Data)));
            all.Add(new ReadEntry(entry, data, streams));
        }

        return all;
    }

    public static List<ReadEntry> ReadAll(this Stream tar, LayerLimits? limits = null)
    {
        using LayerTarReader reader = new(tar, limits);
        return reader.ReadAll();
    }

    public static ReadEntry ReadOne(this Stream tar) => Assert.Single(tar.ReadAll());

    /// <summary>Reads until the refusal, which has to be of this rule.</summary>
    public static LayerRefusedException AssertRefused(this Stream tar, LayerRule rule, LayerLimits? limits = null)
    {
        LayerRefusedException refusal = Assert.Throws<LayerRefusedException>(() => tar.ReadAll(limits));
        Assert.Equal(rule.Name, refusal.Rule.Name);
        Assert.NotNull(refusal.TarOffset);
        return refusal;
    }

    private static byte[] Bytes(Stream stream)
    {
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        Assert.Equal(-1, stream.ReadByte());
        return bytes;
    }
}
