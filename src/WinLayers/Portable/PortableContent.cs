using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>Data and alternate streams of a file or directory of a portable layer.</summary>
internal sealed class PortableContent(FileStream? data, IReadOnlyList<LayerIndexStream> streams,
    Func<LayerIndexStream, SafeFileHandle> open) : OpenContent
{
    private int _next;
    private FileStream? _stream;

    public override Stream Data => data ?? Stream.Null;

    public override AlternateStream? NextStream()
    {
        _stream?.Dispose();
        _stream = null;
        if (_next == streams.Count)
            return null;
        LayerIndexStream stream = streams[_next++];
        _stream = new FileStream(open(stream), FileAccess.Read, bufferSize: 0);
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
