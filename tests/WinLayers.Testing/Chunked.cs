using WinLayers.Formats.IO;

namespace WinLayers.Testing;

/// <summary>A stream that gives at most so many bytes at a time, as networks do.</summary>
internal sealed class Chunked(ReadOnlyMemory<byte> bytes, int chunk) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(Math.Min(chunk, buffer.Length), _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        return Read(buffer.Span);
    }
}
