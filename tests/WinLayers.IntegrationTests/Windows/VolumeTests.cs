namespace WinLayers.IntegrationTests.Windows;

/// <summary>What NtfsVolume promises, through the win-x64 build.</summary>
public sealed class VolumeTests(WineBed bed) : WineTest(bed)
{
    [Fact]
    public async Task Volume_FindsWritesLinksRemoves()
    {
        WineResult result = await RunAsync("volume", At("layer"));

        result.AssertDone();
        Assert.Equal(@"Files\Hello.txt", result["found"]);
        Assert.Equal("5", result["length"]);
        Assert.Equal("shape-duplicate", result["duplicate"]);
        Assert.Equal("shape-not-a-directory", result["throughFile"]);
        Assert.Equal("True", result["missing"]);
        Assert.Equal("hello", result["data"]);
        Assert.Equal("Zone=three", result["stream"]);
        Assert.Equal("84", result["security"]);
        Assert.Equal("hello", result["linked"]);
        Assert.Equal("Hello.txt,readonly,second,secured", result["names"]);
        Assert.Equal("True", result["stillReadOnly"]);
    }

    [Fact]
    public async Task Volume_PathOver260Characters_IsWrittenFoundReadAndRemoved()
    {
        WineResult result = await RunAsync("volume", At("layer"));

        result.AssertDone();
        Assert.True(result.Facts.GetProperty("deepLength").GetInt32() > 400);
        Assert.Equal("True", result["deepFound"]);
        Assert.Equal("deep", result["saved"]);
        Assert.Equal("True", result["deepGone"]);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("directory")]
    [InlineData("link")]
    [InlineData("target")]
    [InlineData("remove")]
    [InlineData("times")]
    public async Task PlantedReparsePoint_IsNotFollowed(string operation)
    {
        WineResult result = await RunAsync("reparse", At("layer"));

        result.AssertDone();
        Assert.Equal("shape-through-reparse-point", result[operation]);
        Assert.Equal("False", result["find"]);
        Assert.Equal("True", result["isReparsePoint"]);
        Assert.Equal("True", result["removed"]);
    }

    // What every other test here relies on without saying so.
    [Fact]
    public async Task FileThatIsLeftOpen_IsObjectedTo()
    {
        Directory.CreateDirectory(At("layer"));

        await Assert.ThrowsAsync<Xunit.Sdk.DoesNotContainException>(() => RunAsync("leave-open", At("layer")));
    }

    [Fact]
    public async Task Privileges_OfAnAdministrator_AreHeld()
    {
        WineResult result = await RunAsync("privileges");

        result.AssertDone();
        Assert.Equal(0, result.Facts.GetProperty("missing").GetArrayLength());
    }
}
