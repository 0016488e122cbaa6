using System.Text;
using WinLayers.Formats.Ntfs;
using WinLayers.Transport;

namespace WinLayers.Tests.Transport;

public sealed class PlanTimesTests
{
    [Theory]
    [InlineData("creation")]
    [InlineData("access")]
    [InlineData("write")]
    [InlineData("change")]
    public void Read_NegativeTime_IsRefusedWhicheverItIs(string time)
    {
        StagingException refused = Assert.Throws<StagingException>(() => Read(time, -1));

        Assert.Equal(StagingFailure.Plan, refused.Reason);
        Assert.Contains("negative", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("creation", 0)]
    [InlineData("access", 0)]
    [InlineData("write", long.MaxValue)]
    [InlineData("change", 0)]
    [InlineData("change", long.MaxValue)]
    public void Read_TimeAtItsLimit_IsTaken(string time, long ticks)
    {
        FileTimes times = Assert.Single(Read(time, ticks).DirectoryTimes).Times;

        Assert.Contains(new FileTime(ticks), new[] { times.Creation, times.Access, times.Write, times.Change });
    }

    private static LayerPlan Read(string time, long ticks) => LayerPlan.Read(
        new MemoryStream(Encoding.UTF8.GetBytes($$"""{"directoryTimes":[{"path":"Files","attributes":16,"{{time}}":{{ticks}}}]}""")));
}
