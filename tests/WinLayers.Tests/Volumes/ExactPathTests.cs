using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class ExactPathTests
{
    [Theory]
    [InlineData(@"C:\layers\app", @"\\?\C:\layers\app")]
    [InlineData(@"\\server\share\app", @"\\?\UNC\server\share\app")]
    [InlineData(@"\\?\C:\layers\app", @"\\?\C:\layers\app")]
    [InlineData(@"\\?\UNC\server\share\app", @"\\?\UNC\server\share\app")]
    [InlineData(@"\\.\pipe\x", @"\\.\pipe\x")]
    public void OnWindows_IsTheFormThatKeepsEveryName(string path, string exact) => Assert.Equal(exact, ExactPath.OnWindows(path));

    [Fact]
    public void Of_Elsewhere_IsThePathItself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is another path on Windows.");

        Assert.Equal("/layers/app", ExactPath.Of("/layers/app"));
    }
}
