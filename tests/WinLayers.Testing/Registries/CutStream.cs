using WinLayers.Formats.IO;

namespace WinLayers.Testing.Registries;

/// <summary>A body that breaks after some bytes, as a lost connection does.</summary>
internal sealed class CutStream(byte[] bytes, int cutAfter) : ReadOnlyStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (_at == cutAfter)
            throw new IOException("The test cut the connection.");
        int count = Math.Min(buffer.Length, cutAfter - _at);
        bytes.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return ValueTask.FromResult(Read(buffer.Span));
        }
        catch (IOException e)
        {
            return ValueTask.FromException<int>(e);
        }
    }
}
