using System.Text.Json;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>What is in the store can be seen, named and removed, pulled or unpacked; and what that frees is told.</summary>
public sealed class StoredImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwinLayout _layout;
    private readonly TwinLayout.Entry _older;
    private readonly TwinLayout.Entry _newer;
    private readonly TwinLayout.Entry _index;

    public StoredImageTests()
    {
        _layout = new TwinLayout(_folder["app"]);
        (_older, _newer) = (_layout.Image("older", "10.0.17763.1"), _layout.Image("newer"));
        _index = _layout.Index(_older, _newer);
        _layout.Name("all", _index).Name("same", _newer);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ls_ShowsPulledAndUnpackedImages_EachOnce()
    {
        (await RunAsync("pull", "oci:app:all", "--host", "ltsc2019")).ShouldSucceed();
        (await RunAsync("pull", "oci:app:same")).ShouldSucceed();
        (await RunAsync("unpack", "oci:app:all")).ShouldSucceed();

        JsonElement[] images = [.. (await RunAsync("ls", "--json")).Json.GetProperty("images").EnumerateArray()];
        string text = (await RunAsync("ls")).ShouldSucceed().Output;

        Assert.Equal(
            [(_older.Digest.ToString(), "pulled", $"oci:{_folder["app"]}:all", "10.0.17763.1"),
                (_newer.Digest.ToString(), "unpacked", $"oci:{_folder["app"]}:all oci:{_folder["app"]}:same", "10.0.20348.1")],
            images.Select(image => (image.GetProperty("digest").GetString()!, image.GetProperty("state").GetString()!,
                string.Join(' ', image.GetProperty("references").EnumerateArray().Select(name => name.GetString())),
                image.GetProperty("osVersion").GetString()!)).OrderBy(image => image.Item4));
        Assert.All([_older, _newer],
            image => Assert.Contains($"sha256:{image.Digest.Hex[..12]}", text, StringComparison.Ordinal));
        (await RunAsync("verify")).ShouldSucceed();
    }

    [Fact]
    public async Task ImagesOfOneIndex_PulledOneByOne_AreBothKept_AndChosenByPlatform()
    {
        (await RunAsync("pull", "oci:app:all", "--host", "ltsc2019")).ShouldSucceed();
        (await RunAsync("pull", "oci:app:all")).ShouldSucceed();
        (await RunAsync("gc", "--now")).ShouldSucceed();

        Assert.Equal("older",
            (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--offline", "--host", "ltsc2019")).ShouldSucceed().Output);
        Assert.Equal("newer", (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--offline")).ShouldSucceed().Output);
    }

    [Fact]
    public async Task Offline_ForAPlatformThatWasNotPulled_SaysWhatTheStoreHas()
    {
        (await RunAsync("pull", "oci:app:all", "--host", "ltsc2019")).ShouldSucceed();

        foreach (string[] verb in (string[][])[["cat", "oci:app:all", "x", "--offline"], ["unpack", "oci:app:all", "--offline"],
            ["push", "oci:app:all", "oci:copy"]])
        {
            string line = (await RunAsync(verb)).ShouldFail();
            Assert.Contains("[WCL1902]", line, StringComparison.Ordinal);
            Assert.Contains("windows/amd64 10.0.17763.1", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("pull")]
    [InlineData("unpack")]
    public async Task Destroy_ThenGcNow_LeavesNothing_AndTellsTheBytes(string verb)
    {
        (await RunAsync(verb, "oci:app:all")).ShouldSucceed();
        (await RunAsync("destroy", "oci:app:all")).ShouldSucceed();

        Assert.Empty((await RunAsync("ls", "--json")).Json.GetProperty("images").EnumerateArray());
        JsonElement kept = (await RunAsync("gc", "--dry-run", "--json")).Json;
        Assert.True(kept.GetProperty("keptBytes").GetInt64() > 6000);
        string doctor = (await RunAsync("doctor")).ShouldSucceed().Output;
        Assert.Contains("'winlayers gc --now'", doctor, StringComparison.Ordinal);
        JsonElement told = (await RunAsync("gc", "--now", "--dry-run", "--json")).Json;
        JsonElement gone = (await RunAsync("gc", "--now", "--json")).Json;

        Assert.Equal(told.GetProperty("bytes").GetInt64(), gone.GetProperty("bytes").GetInt64());
        Assert.Equal(told.GetProperty("items").GetArrayLength(), gone.GetProperty("items").GetArrayLength());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder["store"], "blobs", "sha256")));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_folder["store"], "layers")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder["store"], "names")));
        Assert.Contains("leftovers  ok", (await RunAsync("doctor")).ShouldSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroy_ANameOfTwo_TakesTheNameAlone()
    {
        (await RunAsync("unpack", "oci:app:all")).ShouldSucceed();
        (await RunAsync("unpack", "oci:app:same")).ShouldSucceed();

        CommandResult first = await RunAsync("destroy", "oci:app:same");
        Assert.Contains("stays under its other names", first.ShouldSucceed().Error, StringComparison.Ordinal);
        Assert.Equal("newer", (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--offline")).ShouldSucceed().Output);
        Assert.Contains("[WCL1902]", (await RunAsync("destroy", "oci:app:same")).ShouldFail(), StringComparison.Ordinal);
        (await RunAsync("gc", "--now")).ShouldSucceed();
        (await RunAsync("verify")).ShouldSucceed();

        (await RunAsync("destroy", $"sha256:{_newer.Digest.Hex[..12]}")).ShouldSucceed();
        Assert.Empty((await RunAsync("ls", "--json")).Json.GetProperty("images").EnumerateArray());
    }

    [Fact]
    public async Task Destroy_TheDigestOfAnIndex_TakesItsImages()
    {
        (await RunAsync("pull", "oci:app:all", "--all")).ShouldSucceed();

        (await RunAsync("destroy", _index.Digest.ToString())).ShouldSucceed();

        Assert.Empty((await RunAsync("ls", "--json")).Json.GetProperty("images").EnumerateArray());
    }

    [Fact]
    public async Task GcNow_BesideAWriter_IsRefused_AndNamesIt()
    {
        (await RunAsync("pull", "oci:app:all")).ShouldSucceed();
        (await RunAsync("destroy", "oci:app:all")).ShouldSucceed();
        var store = await WinLayers.Storage.LayerStore.OpenAsync(_folder["store"], TestContext.Current.CancellationToken);
        using (await store.LeaseAsync(TestContext.Current.CancellationToken))
        {
            string line = (await RunAsync("gc", "--now")).ShouldFail();
            Assert.Contains("[WCL5045]", line, StringComparison.Ordinal);
            Assert.Contains($"process {Environment.ProcessId})", line, StringComparison.Ordinal);
            (await RunAsync("gc")).ShouldSucceed();
        }

        (await RunAsync("gc", "--now")).ShouldSucceed();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder["store"], "tmp", "locks"), "user-*"));
    }

    [Fact]
    public async Task StoreOfTheFirstVersion_IsAnsweredFrom_ByTheNamesThatItHas()
    {
        string name = $"oci:{_folder["app"]}:same";
        (await RunAsync("unpack", "oci:app:same")).ShouldSucceed();
        Directory.Delete(Path.Combine(_folder["store"], "names"), recursive: true);

        Assert.Equal("newer", (await RunAsync("cat", name, TwinLayout.File, "--offline")).ShouldSucceed().Output);
        Assert.Equal("newer", (await RunAsync("cat", name, TwinLayout.File)).ShouldSucceed().Output);
        (await RunAsync("gc", "--now")).ShouldSucceed();
        (await RunAsync("verify")).ShouldSucceed();
        (await RunAsync("destroy", name)).ShouldSucceed();
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
