using WinLayers.Formats.IO;

namespace WinLayers.Samples;

/// <summary>Bytes that look like programs to a compressor: two thirds of them come again, one third is new.</summary>
internal static class SampleBytes
{
    private const int PoolLength = 4 << 20;

    // Deflate looks back 32 KiB, so a file that is a stretch of the pool compresses as if it were made for itself.
    private static readonly Lazy<byte[]> Pool = new(MakePool);

    /// <summary>A file's contents: a head of its own, then a stretch of the pool that depends on the seed.</summary>
    internal static Stream Open(ReadOnlyMemory<byte> head, long length, uint seed) =>
        new PoolStream(head[..(int)Math.Min(head.Length, length)], Pool.Value, (int)(seed * 2654435761u % PoolLength), length);

    private static byte[] MakePool()
    {
        byte[] pool = new byte[PoolLength];
        SampleNumbers numbers = new(20348);
        int position = 0;
        while (position < pool.Length)
        {
            for (int i = 9 + numbers.Next(9); i > 0 && position < pool.Length; i--)
                pool[position++] = (byte)numbers.Next(256);
            int distance = 1 + numbers.Next(Math.Min(position, 16 << 10));
            for (int i = 30 + numbers.Next(36); i > 0 && position < pool.Length; i--, position++)
                pool[position] = pool[position - distance];
        }

        return pool;
    }

    private sealed class PoolStream(ReadOnlyMemory<byte> head, byte[] pool, int start, long length) : ReadOnlyStream
    {
        private long _position;

        public override long Length => length;

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, length - _position);
            if (count == 0)
                return 0;
            if (_position < head.Length)
            {
                count = Math.Min(count, head.Length - (int)_position);
                head.Span.Slice((int)_position, count).CopyTo(buffer);
            }
            else
            {
                int from = (int)((start + _position) % pool.Length);
                count = Math.Min(count, pool.Length - from);
                pool.AsSpan(from, count).CopyTo(buffer);
            }

            _position += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            cancellationToken.IsCancellationRequested
                ? ValueTask.FromCanceled<int>(cancellationToken)
                : ValueTask.FromResult(Read(buffer.Span));
    }
}

/// <summary>Numbers that look random and are the same everywhere (SplitMix64).</summary>
internal sealed class SampleNumbers(ulong seed)
{
    private ulong _state = seed;

    internal int Next(int limit) => (int)(Next() % (ulong)limit);

    internal double NextFraction() => (Next() >> 11) / (double)(1UL << 53);

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
