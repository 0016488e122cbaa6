using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>
/// PAX times: decimal seconds since 1970, perhaps negative, with any number of fraction digits. Kept to 100 ns; what is finer is cut
/// off toward 1970, as the reference does.
/// </summary>
internal static class PaxTime
{
    /// <summary>The longest text that <see cref="Format"/> writes: a sign, 12 digits, a point, 7 digits.</summary>
    public const int MaxText = 21;

    private const int FractionDigits = 7;

    // Beyond any FILETIME: where counting on could overflow.
    private const long EndOfTime = 1_000_000_000_000_000;

    /// <summary>Reads a time. One before 1601 or too late for NTFS is the zero time, "leave alone".</summary>
    /// <returns>False where the text is no time.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out FileTime time)
    {
        time = default;
        bool negative = text.StartsWith("-"u8);
        if (negative || text.StartsWith("+"u8))
            text = text[1..];
        int point = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? text : text[..point];
        ReadOnlySpan<byte> fraction = point < 0 ? default : text[(point + 1)..];
        if (whole.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;

        long seconds = 0;
        foreach (byte digit in whole)
        {
            seconds = (seconds * 10) + (digit - '0');
            if (seconds > EndOfTime)
                return true;
        }

        int ticks = 0;
        for (int i = 0; i < FractionDigits; i++)
            ticks = (ticks * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        time = FromUnix(seconds, ticks, negative);
        return true;
    }

    /// <summary>The time so many whole seconds after 1970, or before; the zero time where NTFS has none.</summary>
    public static FileTime FromUnixSeconds(long seconds) =>
        seconds is > -EndOfTime and < EndOfTime ? FromUnix(Math.Abs(seconds), ticks: 0, seconds < 0) : default;

    /// <summary>
    /// Writes a time, with as many fraction digits as it needs. The zero time is written as 1601, which reads back as zero.
    /// </summary>
    public static int Format(FileTime time, Span<byte> text)
    {
        long unixTicks = time.UnixTicks;
        ulong magnitude = unixTicks < 0 ? (ulong)-unixTicks : (ulong)unixTicks;
        (ulong seconds, ulong ticks) = Math.DivRem(magnitude, (ulong)FileTime.TicksPerSecond);
        int written = 0;
        if (unixTicks < 0)
            text[written++] = (byte)'-';
        seconds.TryFormat(text[written..], out int digits);
        written += digits;
        if (ticks == 0)
            return written;
        text[written++] = (byte)'.';
        ticks.TryFormat(text[written..], out digits, "D7");
        return text[..(written + digits)].TrimEnd((byte)'0').Length;
    }

    private static FileTime FromUnix(long seconds, int ticks, bool negative)
    {
        Int128 sum = ((Int128)seconds * FileTime.TicksPerSecond) + ticks;
        sum = (negative ? -sum : sum) + FileTime.FromUnix(0).Ticks;
        return sum > 0 && sum <= long.MaxValue ? new FileTime((long)sum) : default;
    }
}
