using WinLayers.Formats.Tar;

namespace WinLayers.Testing;

/// <summary>Content that is in memory.</summary>
public sealed class MemoryContent(byte[] data, params (string Name, byte[] Bytes)[] streams) : EntryContent
{
    private int _next;

    public override Stream Data { get; } = new MemoryStream(data, writable: false);

    public override AlternateStream? NextStream() =>
        _next < streams.Length ? new AlternateStream(streams[_next].Name, new MemoryStream(streams[_next++].Bytes, writable: false)) : null;
}
