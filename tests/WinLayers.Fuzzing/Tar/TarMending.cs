using System.Globalization;
using System.Text;

namespace WinLayers.Fuzzing.Tar;

/// <summary>
/// Puts right what a mutation breaks at the door: checksums, and the lengths in extended headers, so that what is behind them gets
/// its share of broken inputs.
/// </summary>
internal static class TarMending
{
    private const int Block = 512;

    public static byte[] Mend(ReadOnlySpan<byte> tar)
    {
        MemoryStream mended = new();
        while (tar.Length >= Block)
        {
            byte[] header = tar[..Block].ToArray();
            tar = tar[Block..];
            if (!header.AsSpan().ContainsAnyExcept((byte)0))
            {
                mended.Write(header);
                continue;
            }

            char type = (char)header[156];
            int size = type is >= '1' and <= '6' ? 0 : (int)Math.Min(SizeOf(header), tar.Length);
            ReadOnlySpan<byte> body = tar[..size];
            tar = tar[Math.Min(tar.Length, (size + Block - 1) / Block * Block)..];
            if (type is 'x' or 'g')
            {
                byte[] records = MendRecords(body);
                Encoding.ASCII.GetBytes(Convert.ToString(records.Length, 8).PadLeft(11, '0')).CopyTo(header, 124);
                Seal(header);
                Append(mended, header, records);
            }
            else
            {
                Seal(header);
                Append(mended, header, body);
            }
        }

        mended.Write(tar);
        return mended.ToArray();
    }

    private static void Append(MemoryStream tar, byte[] header, ReadOnlySpan<byte> body)
    {
        tar.Write(header);
        tar.Write(body);
        tar.Write(new byte[-body.Length & (Block - 1)]);
    }

    private static long SizeOf(byte[] header)
    {
        long size = 0;
        foreach (byte digit in header.AsSpan(124, 11))
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
                size = (size << 3) + digit - '0';
        }

        return size;
    }

    private static byte[] MendRecords(ReadOnlySpan<byte> body)
    {
        MemoryStream records = new();
        while (!body.IsEmpty)
        {
            int end = body.IndexOf((byte)'\n') is >= 0 and var at ? at : body.Length;
            ReadOnlySpan<byte> text = body[..end];
            body = body[Math.Min(body.Length, end + 1)..];
            int start = text.IndexOf((byte)' ') + 1;
            text = text[start..];
            int length = text.Length + 2;
            while (length != text.Length + 2 + length.ToString(CultureInfo.InvariantCulture).Length)
                length++;
            records.Write(Encoding.ASCII.GetBytes($"{length} "));
            records.Write(text);
            records.WriteByte((byte)'\n');
        }

        return records.ToArray();
    }

    /// <summary>Puts the checksum right.</summary>
    public static void Seal(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }
}
