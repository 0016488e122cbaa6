using System.Buffers;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>One piece of an upload, kept until the registry has it, so that it can be sent again from where it broke.</summary>
internal sealed class ChunkBuffer(int capacity) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>The offset of the first byte in the blob.</summary>
    public long Start { get; private set; }

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>The offset after the last byte.</summary>
    public long End => Start + Length;

    /// <summary>Takes the next piece of the content, which stands at <paramref name="start"/> in the blob; empty at its end.</summary>
    public async Task FillAsync(Stream content, long start, CancellationToken cancellationToken)
    {
        Start = start;
        Length = await content.ReadAtLeastAsync(_bytes.AsMemory(0, capacity), capacity, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The bytes from an offset in the blob on.</summary>
    public ReadOnlyMemory<byte> From(long offset) => _bytes.AsMemory((int)(offset - Start), (int)(End - offset));

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
