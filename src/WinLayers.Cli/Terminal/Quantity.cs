namespace WinLayers.Cli.Terminal;

/// <summary>Sizes, rates and times for people: three digits that matter, decimal units as registries use them.</summary>
internal static class Quantity
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        string digits = unit == 0 || Math.Abs(value) >= 99.95 ? $"{value:0}" : $"{value:0.0}";
        return $"{digits} {Units[unit]}";
    }

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => $"{time.TotalMilliseconds:0} ms",
        { TotalSeconds: < 60 } => $"{time.TotalSeconds:0.0} s",
        _ => $"{(int)time.TotalMinutes} min {time.Seconds} s",
    };

    public static string Rate(long bytes, TimeSpan time) =>
        time <= TimeSpan.Zero ? "-" : Bytes((long)(bytes / time.TotalSeconds)) + "/s";

    public static string Count(long count, string one, string? many = null) =>
        count == 1 ? $"1 {one}" : $"{count:N0} {many ?? one + "s"}";
}
