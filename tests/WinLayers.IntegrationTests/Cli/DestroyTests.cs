
namespace WinLayers.IntegrationTests.Cli;

/// <summary>What <c>destroy DIR</c> removes: a layer, and nothing that is none or is needed.</summary>
public sealed class DestroyTests : IDisposable
{
    private const string Header =
        """{"format":"winlayers.layer/1","diffId":"sha256:0000000000000000000000000000000000000000000000000000000000000000","chainId":"sha256:0000000000000000000000000000000000000000000000000000000000000000","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""";

    private readonly TemporaryFolder _folder = new();

    private string Layer => _folder["layer"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Files/", "src/a.cs")]
    [InlineData("Files/a")]
    [InlineData("Files/a", "Hives/", "src/a.cs")]
    [InlineData("layer.jsonl")]
    [InlineData("layerchain.json")]
    [InlineData("layerchain.json", "src/a.cs")]
    [InlineData("Files.$wcidirs$", "Files/", "Hives/")]
    [InlineData("blank.vhdx")]
    public async Task Folder_ThatIsNoLayer_IsRefused(params string[] contents)
    {
        Make(Layer, contents);

        string line = (await RunAsync(Layer)).ShouldFail();

        Assert.Contains("[WCL1905]", line, StringComparison.Ordinal);
        Assert.All(contents, name => Assert.True(Path.Exists(Path.Combine(Layer, name.TrimEnd('/'))), name));
    }

    [Fact]
    public async Task Folder_WithALayersIndexAndMore_IsRefused_AndNamesIt()
    {
        Make(Layer, "Files/a", "notes.txt");
        await File.WriteAllTextAsync(Path.Combine(Layer, "layer.jsonl"), Header + "\n", TestContext.Current.CancellationToken);

        string line = (await RunAsync(Layer)).ShouldFail();

        Assert.Contains("notes.txt", line, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Layer, "Files", "a")));
    }

    [Theory]
    [InlineData("Files/a", "Hives/", "blank.vhdx", "blank-base.vhdx", "layout", "UtilityVM/", "bcd.bak")]
    [InlineData("Files/a", "Hives/")]
    [InlineData("Files/a", "blank.vhdx")]
    [InlineData("Files/a", "layerchain.json")]
    public async Task Layer_OfWindows_IsDestroyed(params string[] contents)
    {
        Make(Layer, contents);

        (await RunAsync(Layer + Path.DirectorySeparatorChar)).ShouldSucceed();

        Assert.False(Directory.Exists(Layer));
    }

    [Fact]
    public async Task Layer_OfThePortableHost_IsDestroyed()
    {
        Make(Layer, "Files/a", "streams/");
        await File.WriteAllTextAsync(Path.Combine(Layer, "layer.jsonl"), Header + "\n", TestContext.Current.CancellationToken);

        (await RunAsync(Layer)).ShouldSucceed();

        Assert.False(Directory.Exists(Layer));
    }

    [Fact]
    public async Task Layer_ThatAnotherBesideItStandsOn_IsRefused()
    {
        Make(Layer, "Files/a", "Hives/");
        Make(_folder["child"], "Files/b");
        await File.WriteAllTextAsync(
            Path.Combine(_folder["child"], "layerchain.json"), System.Text.Json.JsonSerializer.Serialize(new[] { Layer }),
                TestContext.Current.CancellationToken);

        string line = (await RunAsync(Layer)).ShouldFail();

        Assert.Contains("child", line, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Layer));
    }

    [Fact]
    public async Task LinkToALayer_IsRefused()
    {
        Make(Layer, "Files/a", "Hives/");
        Directory.CreateSymbolicLink(_folder["link"], Layer);

        (await RunAsync(_folder["link"])).ShouldFail();

        Assert.True(File.Exists(Path.Combine(Layer, "Files", "a")));
    }

    [Fact]
    public async Task ScratchLayer_IsLeftToTheVerbThatUnmountsIt()
    {
        Make(Layer, "sandbox.vhdx", "layerchain.json");

        string line = (await RunAsync(Layer)).ShouldFail();

        Assert.Contains("scratch remove", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoredLayer_OfAnyStore_IsLeftToGc()
    {
        string store = _folder["store"];
        string[] chain = (await WinLayersCommand.RunAsync("unpack", "sample:", "--store", store, "--quiet")).ShouldSucceed().OutputLines;

        // The store is the layer's own, not the one of the command line.
        string needed = (await RunAsync(chain[0])).ShouldFail();
        Assert.Contains("sample:default", needed, StringComparison.Ordinal);
        Assert.Contains("winlayers gc", needed, StringComparison.Ordinal);

        (await WinLayersCommand.RunAsync("destroy", "sample:", "--store", store)).ShouldSucceed();
        string below = (await RunAsync(chain[^1])).ShouldFail();
        Assert.Contains("winlayers gc", below, StringComparison.Ordinal);
        Assert.All(chain, folder => Assert.True(Directory.Exists(folder)));
    }

    private static void Make(string folder, params string[] contents)
    {
        foreach (string name in contents)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!name.EndsWith('/'))
                File.WriteAllText(path, name == "layerchain.json" ? "[]" : "x");
        }
    }

    private Task<CommandResult> RunAsync(string folder) => WinLayersCommand.RunAsync("destroy", folder, "--store", _folder["other"]);
}
