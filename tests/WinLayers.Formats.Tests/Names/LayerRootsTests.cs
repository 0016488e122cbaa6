using WinLayers.Formats.Names;

namespace WinLayers.Formats.Tests.Names;

public sealed class LayerRootsTests
{
    [Theory]
    [InlineData("Files", LayerArea.Files)]
    [InlineData("FILES", LayerArea.Files)]
    [InlineData("hives", LayerArea.Hives)]
    [InlineData("UtilityVm", LayerArea.UtilityVm)]
    [InlineData("Files.", LayerArea.Other)]
    [InlineData("", LayerArea.Other)]
    public void AreaOf_AnyLetterCase(string name, LayerArea area) => Assert.Equal(area, LayerRoots.AreaOf(name));

    [Fact]
    public void NameOf_IsTheSpellingOfWindows() =>
        Assert.Equal(
            ["Files", "Hives", "UtilityVM", null],
            new[] { LayerArea.Files, LayerArea.Hives, LayerArea.UtilityVm, LayerArea.Other }.Select(LayerRoots.NameOf));

    [Fact]
    public void Paths_AreTheNames()
    {
        Assert.Equal(LayerRoots.All, [LayerRoots.FilesPath.Value, LayerRoots.HivesPath.Value, LayerRoots.UtilityVmPath.Value]);
        Assert.Equal(@"UtilityVM\Files", LayerRoots.UtilityVmFilesPath.Value);
    }
}
