using WinLayers.Hosts;

namespace WinLayers.Tests.Hosts;

public sealed class MachineProbesTests
{
    [Theory]
    [InlineData((20L << 30) - 1, DiagnosisResult.Doubtful)]
    [InlineData(20L << 30, DiagnosisResult.Fine)]
    public void Judge_RoomForABaseImage(long free, DiagnosisResult result) => Assert.Equal(result, MachineProbes.Judge(free).Result);

    [Fact]
    public void FreeSpace_FolderThatIsNotThere_IsThatOfTheNearestAbove()
    {
        SpaceDiagnosis found = MachineProbes.FreeSpace(Path.Combine(Path.GetTempPath(), "nowhere", "store"));

        Assert.Equal("space", found.Name);
        Assert.True(found.FreeBytes >= 0);
    }
}
