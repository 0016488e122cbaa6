using WinLayers.Ntfs;

namespace WinLayers.Tests.Ntfs;

public sealed class LayerPathTests
{
    [Theory]
    [InlineData("Files/a.txt", "Files\\a.txt")]
    [InlineData("./Files//Windows/", "Files\\Windows")]
    [InlineData(".", "")]
    public void Parse_BenignForms_ReadAsTheSamePath(string tarName, string expected) =>
        Assert.Equal(expected, LayerPath.Parse(tarName).Value);
}
