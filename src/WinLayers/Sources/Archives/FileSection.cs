using Microsoft.Win32.SafeHandles;
using WinLayers.Content;

namespace WinLayers.Sources.Archives;

/// <summary>A part of a file. Several may be read at once; the file's handle is not theirs.</summary>
internal sealed class FileSection(SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override long Length => length;

    public override int Read(Span<byte> buffer) =>
        Advance(RandomAccess.Read(file, Clip(buffer.Length) is var count ? buffer[..count] : default, offset + _position));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Advance(await RandomAccess.ReadAsync(file, buffer[..Clip(buffer.Length)], offset + _position, cancellationToken).ConfigureAwait(false));

    /// <summary>Passes over bytes without reading them.</summary>
    internal void Skip(long count) => _position = checked(_position + count);

    private int Clip(int wanted) => (int)Math.Min(wanted, Math.Max(0, length - _position));

    private int Advance(int count)
    {
        _position += count;
        return count;
    }
}
