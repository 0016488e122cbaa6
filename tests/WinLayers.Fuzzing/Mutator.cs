using System.Buffers.Binary;

namespace WinLayers.Fuzzing;

/// <summary>Makes inputs out of inputs. The same seed gives the same ones.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> words)
{
    private const int Longest = 128 << 10;

    private static readonly long[] Interesting =
    [
        -1, 0, 1, 2, 3, 4, 7, 8, 15, 16, 19, 20, 21, 24, 28, 32, 63, 64, 100, 127, 128, 254, 255, 256, 257, 511, 512, 513, 1023, 1024,
            4095, 4096,
        16_383, 16_384, 16_385, 32_767, 32_768, 65_534, 65_535, 65_536, 65_537, int.MaxValue - 1, int.MaxValue, int.MinValue, uint.MaxValue,
        1L << 32, long.MaxValue - 8, long.MaxValue - 1, long.MaxValue, long.MinValue,
    ];

    private readonly Random _random = new(seed);

    /// <summary>Picks one of so many.</summary>
    public int Next(int count) => _random.Next(count);

    /// <summary>A new input: one of the pool, changed in a few places.</summary>
    public byte[] Make(IReadOnlyList<byte[]> pool)
    {
        List<byte> bytes = [.. pool[_random.Next(pool.Count)]];
        int changes = 1 << _random.Next(5);
        for (int i = _random.Next(changes); i >= 0; i--)
            Change(bytes, pool);
        if (bytes.Count > Longest)
            bytes.RemoveRange(Longest, bytes.Count - Longest);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> pool)
    {
        int at = _random.Next(bytes.Count + 1);
        int left = bytes.Count - at;
        switch (_random.Next(12))
        {
            case 0 when left > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when left > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2 when left > 0:
                bytes[at] = (byte)(bytes[at] + _random.Next(-4, 5));
                break;
            case 3:
                Overwrite(bytes, at, Number());
                break;
            case 4:
                bytes.InsertRange(at, Number());
                break;
            case 5 when _random.Next(4) == 0:
                bytes.RemoveRange(at, left);
                break;
            case 6 when left > 0:
                bytes.RemoveRange(at, Math.Min(left, 1 + SmallLength()));
                break;
            case 7 when left > 0:
                List<byte> copy = bytes.GetRange(at, Math.Min(left, 1 + SmallLength()));
                bytes.InsertRange(_random.Next(bytes.Count + 1), copy);
                break;
            case 8 when words.Count > 0:
                bytes.InsertRange(at, words[_random.Next(words.Count)]);
                break;
            case 9 when words.Count > 0:
                Overwrite(bytes, at, words[_random.Next(words.Count)]);
                break;
            case 10:
                byte[] other = pool[_random.Next(pool.Count)];
                int from = _random.Next(other.Length + 1);
                bytes.RemoveRange(at, left);
                bytes.AddRange(other[from..]);
                break;
            case 11 when _random.Next(16) == 0:
                // Long runs find limits, deep nesting and cost that grows too fast.
                bytes.InsertRange(at, Enumerable.Repeat(Piece(bytes, at), 1 << _random.Next(12)).SelectMany(piece => piece).Take(Longest));
                break;
            default:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
        }
    }

    private byte[] Piece(List<byte> bytes, int at) =>
        words.Count > 0 && _random.Next(2) == 0 ? words[_random.Next(words.Count)]
        : at < bytes.Count ? [.. bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + _random.Next(16)))]
        : [(byte)_random.Next(256)];

    private byte[] Number()
    {
        byte[] number = new byte[sizeof(long)];
        long value = Interesting[_random.Next(Interesting.Length)];
        int width = 1 << _random.Next(4);
        if (_random.Next(4) == 0)
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            return number[^width..];
        }

        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        return number[..width];
    }

    private int SmallLength() => _random.Next(1 << _random.Next(8));

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        for (int i = 0; i < with.Length && at + i < bytes.Count; i++)
            bytes[at + i] = with[i];
    }
}
