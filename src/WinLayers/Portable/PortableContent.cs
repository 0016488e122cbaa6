using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>Data and alternate streams of a file or directory of a portable layer.</summary>
internal sealed class PortableContent(Stream? data, IReadOnlyList<LayerIndexStream> streams,
    Func<LayerIndexStream, Stream> open) : OpenContent
{
    private int _next;
    private Stream? _stream;

    public override Stream Data => data ?? Stream.Null;

    public override AlternateStream? NextStream()
    {
        _stream?.Dispose();
        _stream = null;
        if (_next == streams.Count)
            return null;
        LayerIndexStream stream = streams[_next++];
        _stream = open(stream);
        return new AlternateStream(stream.Name, _stream);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        data?.Dispose();
        _stream?.Dispose();
    }
}
