using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Formats.Tests.Tar;

public sealed class PaxTimeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("1.", 10_000_000)]
    [InlineData("+1", 10_000_000)]
    [InlineData("1.5", 15_000_000)]
    [InlineData("0.0000001", 1)]
    [InlineData("0.00000019", 1)]
    [InlineData("-0.0000001", -1)]
    [InlineData("-0.00000019", -1)]
    [InlineData("-1.5", -15_000_000)]
    [InlineData("0000001.1234567999999999999999999999", 11_234_567)]
    [InlineData("1350244992.023960108", 13_502_449_920_239_601)]
    [InlineData("-11644473599.9999999", -116_444_735_999_999_999)]
    public void TryParse_DecimalSeconds_AreTicks(string text, long unixTicks)
    {
        Assert.True(PaxTime.TryParse(Encoding.ASCII.GetBytes(text), out FileTime time));
        Assert.Equal(unixTicks, time.UnixTicks);
    }

    [Theory]
    [InlineData("-11644473600")]
    [InlineData("-11644473600.5")]
    [InlineData("-99999999999999999999999999")]
    [InlineData("99999999999999999999999999.9")]
    [InlineData("910692730086")]
    public void TryParse_TimeThatNtfsDoesNotHave_IsTheZeroTime(string text)
    {
        Assert.True(PaxTime.TryParse(Encoding.ASCII.GetBytes(text), out FileTime time));
        Assert.Equal(default, time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData(".5")]
    [InlineData("1,5")]
    [InlineData("1e5")]
    [InlineData("1.5.5")]
    [InlineData("1.-5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("--1")]
    [InlineData("0x10")]
    [InlineData("99999999999999999999999999x")]
    public void TryParse_AnythingElse_IsNoTime(string text) => Assert.False(PaxTime.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.0000001")]
    [InlineData(-1, "-0.0000001")]
    [InlineData(17_000_000_205_000_000, "1700000020.5")]
    [InlineData(10_000_000_000, "1000")]
    [InlineData(-116_444_736_000_000_000, "-11644473600")]
    public void Format_Ticks_AreTheShortestDecimal(long unixTicks, string expected) =>
        Assert.Equal(expected, Format(new FileTime(unixTicks + FileTime.FromUnix(0).Ticks)));

    [Fact]
    public void Format_LastTime_Fits() => Assert.True(Format(new FileTime(long.MaxValue)).Length <= PaxTime.MaxText);

    [Fact]
    public void Parse_OfFormat_IsTheSameTime() =>
        Prop.ForAll<long>(static ticks =>
        {
            FileTime time = new(ticks & long.MaxValue);
            return PaxTime.TryParse(Encoding.ASCII.GetBytes(Format(time)), out FileTime parsed) && parsed == time;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_AnySecondsAndFraction_IsCutTowardZero() =>
        Prop.ForAll(
            Gen.Choose(-2_000_000_000, 2_000_000_000).ToArbitrary(),
            Gen.Choose(0, 12).SelectMany(count => Gen.Choose(0, 9).ListOf(count)).ToArbitrary(),
            static (seconds, digits) =>
            {
                string text = $"{seconds}.{string.Concat(digits)}";
                decimal ticks =
                    decimal.Truncate(
                    decimal.Parse(digits.Count == 0 ? $"{seconds}" : text, CultureInfo.InvariantCulture) * FileTime.TicksPerSecond);
                return PaxTime.TryParse(Encoding.ASCII.GetBytes(text), out FileTime time) && time.UnixTicks == ticks;
            }).QuickCheckThrowOnFailure();

    private static string Format(FileTime time)
    {
        Span<byte> text = stackalloc byte[PaxTime.MaxText];
        return Encoding.ASCII.GetString(text[..PaxTime.Format(time, text)]);
    }
}
