using System.Text;
using WinLayers.Layers;
using WinLayers.Ntfs;

namespace WinLayers.Tests.Layers;

public sealed class PlanTimesTests
{
    [Theory]
    [InlineData("creation")]
    [InlineData("access")]
    [InlineData("write")]
    [InlineData("change")]
    public void Read_NegativeTime_IsRefusedWhicheverItIs(string time)
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Read(time, -1));

        Assert.Same(LayerRules.Plan, refused.Rule);
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
