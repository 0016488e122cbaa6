using System.Text.Json;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>What is asked of an image is answered or refused, never taken for something near to it.</summary>
public sealed class AskedImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwinLayout _layout;
    private readonly TwinLayout.Entry _older;
    private readonly TwinLayout.Entry _newer;

    public AskedImageTests()
    {
        _layout = new TwinLayout(_folder["app"]);
        (_older, _newer) = (_layout.Image("older", "10.0.17763.1"), _layout.Image("newer"));
        _layout.Name("all", _layout.Index(_older, _newer));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Options_OfAnUnpackedName_ChooseTheImage_OrRefuse()
    {
        (await RunAsync("unpack", "oci:app:all", "--host", "ltsc2022")).ShouldSucceed();

        Assert.Equal("older", (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--host", "ltsc2019")).ShouldSucceed().Output);
        Assert.Equal("newer",
            (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--os-version", "10.0.20348")).ShouldSucceed().Output);
        foreach (string[] refused in (string[][])[["--platform", "linux/arm64"], ["--arch", "arm64"], ["--os-version", "10.0.99"],
            ["--host", "ltsc2016"]])
        {
            foreach (string[] verb in (string[][])[["ls", "oci:app:all"], ["cat", "oci:app:all", TwinLayout.File],
                ["verify", "oci:app:all"],
                ["extract", "oci:app:all", "out"], ["unpack", "oci:app:all"], ["lint", "oci:app:all"], ["inspect", "oci:app:all"],
                ["copy", "oci:app:all", "oci:copy"], ["pull", "oci:app:all"], ["push", "oci:app:all", "oci:copy"]])
                Assert.Contains("[WCL7010]", (await RunAsync([.. verb, .. refused])).ShouldFail(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--platform", "windows/amd64", "--arch", "arm64")]
    [InlineData("--platform", "windows/amd64:10.0.17763", "--os-version", "10.0.20348")]
    [InlineData("--platform", "linux/amd64", "--host", "ltsc2022")]
    [InlineData("--platform", "windows/amd64:10.0.1", "--os-version", "10.0.17763")]
    public async Task Options_ThatContradictEachOther_AreWrongUsage(params string[] options)
    {
        foreach (string verb in (string[])["unpack", "ls", "verify", "inspect", "platform", "pull"])
            Assert.Contains("contradict each other", (await RunAsync([verb, "oci:app:all", .. options])).ShouldBeWrongUsage(),
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--platform", "windows/amd64", "--arch", "AMD64")]
    [InlineData("--platform", "windows/amd64:10.0.17763", "--os-version", "10.0.17763.1")]
    [InlineData("--platform", "windows/amd64:10.0.17763.1", "--os-version", "10.0")]
    public async Task Options_ThatSayTheSame_AreNoContradiction(params string[] options) =>
        Assert.Contains((await RunAsync(["cat", "oci:app:all", TwinLayout.File, .. options])).ShouldSucceed().Output,
            (string[])["older", "newer"]);

    [Fact]
    public async Task Options_WhereNothingIsToBeChosen_AreWrongUsage()
    {
        string layer = (await RunAsync("unpack", "oci:app:all")).ShouldSucceed().OutputLines[0];
        string blob = Directory.GetFiles(Path.Combine(_folder["app"], "blobs", "sha256")).First();

        foreach (string[] verb in (string[][])[["ls", layer], ["cat", layer, TwinLayout.File], ["extract", layer, "out"], ["verify", layer],
            ["inspect", layer], ["verify"], ["lint", blob], ["verify", "oci:app:all", "--all"],
                ["copy", "oci:app:all", "oci:copy", "--all"],
            ["pull", "oci:app:all", "--all"]])
            Assert.Contains("--arch chooses one of an index's images", (await RunAsync([.. verb, "--arch", "amd64"])).ShouldBeWrongUsage(),
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task SingleImage_OfAnotherSystemThanAskedFor_IsRefused()
    {
        _layout.Name("linux", _layout.Image("linux", os: "linux"));

        foreach (string[] verb in (string[][])[["unpack", "oci:app:linux"], ["ls", "oci:app:linux"], ["pull", "oci:app:linux"]])
        {
            Assert.Contains("the operating system is linux, not windows", (await RunAsync([.. verb, "--arch", "amd64"])).ShouldFail(),
                StringComparison.Ordinal);
        }

        string line = (await RunAsync("unpack", "oci:app:linux")).ShouldFail();
        Assert.Contains("the operating system is linux, not windows", line, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder["store"], "layers")));
    }

    [Fact]
    public async Task NameThatMoved_LeadsToTheNewImageForEveryVerb_AndTheOldOneStaysUnderItsDigest()
    {
        _layout.Name("tag", _older);
        (await RunAsync("unpack", "oci:app:tag")).ShouldSucceed();
        _layout.Name("tag", _newer);

        async Task AssertNewAsync()
        {
            Assert.Equal("newer", (await RunAsync("cat", "oci:app:tag", TwinLayout.File)).ShouldSucceed().Output);
            foreach (string verb in (string[])["ls", "inspect"])
                Assert.Equal(_newer.Digest.ToString(),
                    (await RunAsync(verb, "oci:app:tag", "--json")).Json.GetProperty("digest").GetString());
        }

        await AssertNewAsync();
        (await RunAsync("pull", "oci:app:tag")).ShouldSucceed();
        await AssertNewAsync();
        Assert.Equal("newer", (await RunAsync("cat", "oci:app:tag", TwinLayout.File, "--offline")).ShouldSucceed().Output);
        Assert.Equal("older", (await RunAsync("cat", _older.Digest.ToString(), TwinLayout.File)).ShouldSucceed().Output);
        JsonElement[] images = [.. (await RunAsync("ls", "--json")).Json.GetProperty("images").EnumerateArray()];
        Assert.Equal(
            [(_newer.Digest.ToString(), "pulled", 1), (_older.Digest.ToString(), "unpacked", 0)],
            images.Select(image => (image.GetProperty("digest").GetString()!, image.GetProperty("state").GetString()!,
                image.GetProperty("references").GetArrayLength())));
        (await RunAsync("unpack", "oci:app:tag")).ShouldSucceed();
        await AssertNewAsync();
        (await RunAsync("verify")).ShouldSucceed();
    }

    [Fact]
    public async Task Answer_FromTheStore_IsSaid()
    {
        (await RunAsync("unpack", "oci:app:all")).ShouldSucceed();

        CommandResult shown = await RunAsync("cat", "oci:app:all", TwinLayout.File);

        Assert.Contains("files from the store", Assert.Single(shown.ShouldSucceed().ErrorLines), StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("cat", "oci:app:all", TwinLayout.File, "--quiet")).ShouldSucceed().Error);
    }

    [Theory]
    [InlineData("copy", "oci:app:all")]
    [InlineData("push", "oci:app:all")]
    [InlineData("sample")]
    public async Task ArchiveThatIsThere_IsReplacedOnRequestAlone(params string[] verb)
    {
        (await RunAsync("pull", "oci:app:all")).ShouldSucceed();
        await File.WriteAllTextAsync(_folder["a.tar"], "precious", TestContext.Current.CancellationToken);

        string line = (await RunAsync([.. verb, "docker-archive:a.tar"])).ShouldFail();

        Assert.Contains("[WCL5025]", line, StringComparison.Ordinal);
        Assert.Contains("--overwrite", line, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder["a.tar"], TestContext.Current.CancellationToken));
        (await RunAsync([.. verb, "docker-archive:a.tar", "--overwrite"])).ShouldSucceed();
        (await RunAsync("inspect", "docker-archive:a.tar")).ShouldSucceed();
    }

    [Fact]
    public async Task Verify_OfAnIndex_SaysWhichImage_AndAllChecksEveryOne()
    {
        string blob = Path.Combine(_folder["app"], "blobs", "sha256");
        string olderLayer = (await RunAsync("inspect", "oci:app:all", "--host", "ltsc2019", "--json")).Json.GetProperty("layers")[0]
            .GetProperty("digest").GetString()!;
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(blob, olderLayer[7..]), TestContext.Current.CancellationToken);
        bytes[600] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(blob, olderLayer[7..]), bytes, TestContext.Current.CancellationToken);

        CommandResult one = await RunAsync("verify", "oci:app:all");
        Assert.Contains(one.ShouldSucceed().ErrorLines, line => line.Contains(_newer.Digest.ToString(), StringComparison.Ordinal));
        Assert.Contains(one.ErrorLines, line => line.Contains("one image of 2 in the index; --all", StringComparison.Ordinal));
        JsonElement document = (await RunAsync("verify", "oci:app:all", "--json")).Json;
        Assert.Equal(_older.Digest.ToString(),
            Assert.Single(document.GetProperty("notChecked").EnumerateArray()).GetProperty("digest").GetString());

        CommandResult all = await RunAsync("verify", "oci:app:all", "--all");
        Assert.Equal(1, all.ExitCode);
        Assert.StartsWith($"{olderLayer}: changed", Assert.Single(all.OutputLines), StringComparison.Ordinal);
        Assert.DoesNotContain(all.ErrorLines,
            line => line.Contains(olderLayer[7..19], StringComparison.Ordinal) && line.Contains("checked", StringComparison.Ordinal));
        Assert.Contains(all.ErrorLines,
            line => line.Contains(olderLayer[7..19], StringComparison.Ordinal)
                && line.EndsWith("not as it should be", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Copy_OfAnIndex_SaysWhatItLeaves()
    {
        CommandResult copied = await RunAsync("copy", "oci:app:all", "oci:copy");
        JsonElement document = (await RunAsync("pull", "oci:app:all", "--json")).Json;

        Assert.Contains(copied.ShouldSucceed().ErrorLines, line => line.Contains("one image of 2 in the index", StringComparison.Ordinal));
        Assert.Equal(_older.Digest.ToString(),
            Assert.Single(document.GetProperty("otherImages").EnumerateArray()).GetProperty("digest").GetString());
        Assert.DoesNotContain((await RunAsync("copy", "oci:app:all", "oci:whole", "--all")).ShouldSucceed().ErrorLines,
            line => line.Contains("in the index", StringComparison.Ordinal));
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
