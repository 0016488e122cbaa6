using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tests.Ntfs;

public sealed class FileTimeTests
{
    [Theory]
    [InlineData(0, 0, 116_444_736_000_000_000)]
    [InlineData(1_700_000_000, 1_234_567, 133_444_736_001_234_567)]
    [InlineData(-1, 9_999_999, 116_444_735_999_999_999)]
    [InlineData(-11_644_473_600, 0, 0)]
    [InlineData(253_402_300_799, 9_999_999, 2_650_467_743_999_999_999)]
    public void FromUnix_KnownMoments_AreTheirTicksSince1601(long seconds, int ticks, long expected)
    {
        FileTime time = FileTime.FromUnix(seconds, ticks);

        Assert.Equal(expected, time.Ticks);
        Assert.Equal((seconds * FileTime.TicksPerSecond) + ticks, time.UnixTicks);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue / 10_000_000)]
    public void FromUnix_OutOfRange_Overflows(long seconds) => Assert.Throws<OverflowException>(() => FileTime.FromUnix(seconds));

    [Fact]
    public void ToDateTimeOffset_KeepsEveryTickInUtc()
    {
        DateTimeOffset moment = FileTime.FromUnix(1_700_000_000, 1_234_567).ToDateTimeOffset();

        Assert.Equal(TimeSpan.Zero, moment.Offset);
        Assert.Equal(new DateTimeOffset(2023, 11, 14, 22, 13, 20, TimeSpan.Zero).AddTicks(1_234_567), moment);
    }

    [Fact]
    public void Order_IsThatOfTheTicks()
    {
        FileTime early = new(1), late = new(2);

        Assert.True(early < late && late > early && early <= late && late >= early && early <= new FileTime(1) && early >= new FileTime(1));
        Assert.False(late < early || early > late || late <= early || early >= late);
        Assert.True(early.CompareTo(late) < 0);
    }

    [Fact]
    public void All_GivesEveryTimeTheSameMoment() =>
        Assert.Equal(new FileTimes(new(7), new(7), new(7), new(7)), FileTimes.All(new(7)));
}
