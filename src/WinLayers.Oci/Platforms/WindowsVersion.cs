using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WinLayers.Oci.Platforms;

/// <summary>A Windows version: <c>10.0.20348.2031</c>. Ordered part by part. The default value is 0.0.0.0.</summary>
/// <param name="Major">10 on every Windows with containers.</param>
/// <param name="Minor">0 on every Windows with containers.</param>
/// <param name="Build">The build, which decides what runs on what: 17763, 20348, 26100.</param>
/// <param name="Revision">The update's number.</param>
public readonly record struct WindowsVersion(int Major, int Minor, int Build, int Revision) : IComparable<WindowsVersion>
{
    /// <summary>The build of Windows Server 2016.</summary>
    public const int Ltsc2016 = 14393;

    /// <summary>The build of Windows Server 2019.</summary>
    public const int Ltsc2019 = 17763;

    /// <summary>The build of Windows Server 2022, the first whose images also run on later builds.</summary>
    public const int Ltsc2022 = 20348;

    /// <summary>The build of Windows Server 2025.</summary>
    public const int Ltsc2025 = 26100;

    /// <summary>Reads <c>10.0.20348</c> or <c>10.0.20348.2031</c>; a missing revision is 0.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out WindowsVersion version)
    {
        version = default;
        if (text is null)
            return false;
        Span<int> parts = stackalloc int[4];
        int count = 0;
        foreach (Range range in text.AsSpan().Split('.'))
        {
            if (count == 4 || !int.TryParse(text.AsSpan(range), NumberStyles.None, CultureInfo.InvariantCulture, out parts[count++]))
                return false;
        }

        version = new WindowsVersion(parts[0], parts[1], parts[2], parts[3]);
        return count >= 3;
    }

    /// <summary>
    /// Reads a version as a person types it: what <see cref="TryParse"/> reads, a bare build (<c>20348</c>), or the name of a
    /// long-term release (<c>ltsc2016</c>, <c>ltsc2019</c>, <c>ltsc2022</c>, <c>ltsc2025</c>), letter case ignored.
    /// </summary>
    public static bool TryParseName([NotNullWhen(true)] string? text, out WindowsVersion version)
    {
        int build = text?.ToUpperInvariant() switch
        {
            "LTSC2016" => Ltsc2016,
            "LTSC2019" => Ltsc2019,
            "LTSC2022" => Ltsc2022,
            "LTSC2025" => Ltsc2025,
            _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bare) ? bare : 0,
        };
        version = new WindowsVersion(10, 0, build, 0);
        return build > 0 || TryParse(text, out version);
    }

    /// <summary>Part by part.</summary>
    public int CompareTo(WindowsVersion other) =>
        (Major, Minor, Build, Revision).CompareTo((other.Major, other.Minor, other.Build, other.Revision));

    /// <summary>All four parts.</summary>
    public override string ToString() => $"{Major}.{Minor}.{Build}.{Revision}";

    /// <summary>Whether one is older.</summary>
    public static bool operator <(WindowsVersion left, WindowsVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is newer.</summary>
    public static bool operator >(WindowsVersion left, WindowsVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not newer.</summary>
    public static bool operator <=(WindowsVersion left, WindowsVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not older.</summary>
    public static bool operator >=(WindowsVersion left, WindowsVersion right) => left.CompareTo(right) >= 0;
}
