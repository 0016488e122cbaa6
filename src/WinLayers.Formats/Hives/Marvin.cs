using System.Buffers.Binary;
using System.Numerics;

namespace WinLayers.Formats.Hives;

/// <summary>Marvin32, the checksum of log entries.</summary>
internal static class Marvin
{
    private const ulong LogSeed = 0x82EF4D887A4E55C5;

    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        uint low = unchecked((uint)LogSeed);
        uint high = (uint)(LogSeed >> 32);
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
            Mix(BinaryPrimitives.ReadUInt32LittleEndian(bytes), ref low, ref high);
        // What is left, with a bit that says how much.
        uint last = 0x80;
        for (int i = bytes.Length - 1; i >= 0; i--)
            last = (last << 8) | bytes[i];
        Mix(last, ref low, ref high);
        Mix(0, ref low, ref high);
        return ((ulong)high << 32) | low;
    }

    private static void Mix(uint word, ref uint low, ref uint high)
    {
        unchecked
        {
            low += word;
            high ^= low;
            low = BitOperations.RotateLeft(low, 20) + high;
            high = BitOperations.RotateLeft(high, 9) ^ low;
            low = BitOperations.RotateLeft(low, 27) + high;
            high = BitOperations.RotateLeft(high, 19);
        }
    }
}
