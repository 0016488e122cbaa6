namespace WinLayers.Formats.Ntfs;

/// <summary>
/// A point in time as NTFS keeps it: 100 ns ticks since 1601-01-01 UTC. Zero, the default, means "no time; leave what is there".
/// </summary>
/// <param name="Ticks">The ticks, never negative in a stored file.</param>
public readonly record struct FileTime(long Ticks) : IComparable<FileTime>
{
    private const long UnixEpochTicks = 116_444_736_000_000_000;

    /// <summary>Ticks in a second.</summary>
    public const long TicksPerSecond = 10_000_000;

    /// <summary>The time that lies so many seconds and ticks after 1970-01-01 UTC.</summary>
    public static FileTime FromUnix(long seconds, int ticks = 0) => new(checked((seconds * TicksPerSecond) + ticks + UnixEpochTicks));

    /// <summary>Ticks since 1970-01-01 UTC; negative before.</summary>
    public long UnixTicks => Ticks - UnixEpochTicks;

    /// <summary>The time as the framework has it.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromFileTime(Ticks).ToUniversalTime();

    /// <inheritdoc/>
    public int CompareTo(FileTime other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Whether one time is before the other.</summary>
    public static bool operator <(FileTime left, FileTime right) => left.Ticks < right.Ticks;

    /// <summary>Whether one time is after the other.</summary>
    public static bool operator >(FileTime left, FileTime right) => left.Ticks > right.Ticks;

    /// <summary>Whether one time is not after the other.</summary>
    public static bool operator <=(FileTime left, FileTime right) => left.Ticks <= right.Ticks;

    /// <summary>Whether one time is not before the other.</summary>
    public static bool operator >=(FileTime left, FileTime right) => left.Ticks >= right.Ticks;
}

/// <summary>The four times of a file on NTFS.</summary>
public readonly record struct FileTimes(FileTime Creation, FileTime Access, FileTime Write, FileTime Change)
{
    /// <summary>All four the same.</summary>
    public static FileTimes All(FileTime time) => new(time, time, time, time);
}
