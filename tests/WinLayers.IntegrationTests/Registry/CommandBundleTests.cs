using System.Text.Json;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Registry;

/// <summary><c>copy --from-file</c>: several images carried over in one file or folder.</summary>
public sealed class CommandBundleTests : IAsyncLifetime
{
    private readonly CommandRun _command = new();
    private RealRegistry _registry = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string List => _command["images.txt"];

    public async ValueTask InitializeAsync()
    {
        _registry = await RealRegistry.StartAsync();
        new SmallImage().WriteLayout(_command["layout"], "1");
        (await _command.RunAsync("copy", "sample:", $"{_registry.Host}/win/sample:1")).ShouldSucceed();
        (await _command.RunAsync("copy", $"oci:{_command["layout"]}:1", $"{_registry.Host}/win/small:2")).ShouldSucceed();
        await File.WriteAllTextAsync(List,
            $"# for the site\n\n  {_registry.Host}/win/sample:1 " +
                $"\r\ndocker://{_registry.Host}/win/small:2\n{_registry.Host}/win/sample:1\n", Token);
    }

    public async ValueTask DisposeAsync()
    {
        _command.Dispose();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("oci-archive")]
    [InlineData("oci")]
    public async Task Bundle_HoldsEveryImageOfTheListUnderItsName(string transport)
    {
        string bundle = $"{transport}:{_command["bundle"]}";
        JsonElement document = (await _command.RunAsync("copy", "--from-file", List, bundle, "--json")).Json;

        JsonElement[] images = [.. document.GetProperty("images").EnumerateArray()];
        Assert.Equal([$"{bundle}:{_registry.Host}/win/sample:1", $"{bundle}:{_registry.Host}/win/small:2"],
            images.Select(image => image.GetProperty("target").GetString()));
        foreach (JsonElement image in images)
        {
            string target = image.GetProperty("target").GetString()!;
            Assert.Equal(image.GetProperty("digest").GetString(),
                Assert.Single((await _command.RunAsync("digest", target)).ShouldSucceed().OutputLines));
            Assert.True((await _command.RunAsync("verify", target, "--json")).Json.GetProperty("ok").GetBoolean());
        }

        // On the other side, from there to a registry.
        (await _command.RunAsync("copy", images[1].GetProperty("target").GetString()!, $"{_registry.Host}/site/small:2")).ShouldSucceed();
        string skopeo = ExternalTool.Require("skopeo");
        await ToolProcess.RunAsync(skopeo, "inspect", "--raw", images[0].GetProperty("target").GetString()!);
    }

    [Fact]
    public async Task Bundle_IsTheSameEveryTime_AndReplacesNothingUnasked()
    {
        foreach (string name in new[] { "a.tar", "b.tar" })
            (await _command.RunAsync("copy", "--from-file", List, $"oci-archive:{_command[name]}")).ShouldSucceed();

        Assert.Equal(await File.ReadAllBytesAsync(_command["a.tar"], Token), await File.ReadAllBytesAsync(_command["b.tar"], Token));
        Assert.Contains("[WCL5025]",
            (await _command.RunAsync("copy", "--from-file", List, $"oci-archive:{_command["a.tar"]}", "-q")).ShouldFail(),
                StringComparison.Ordinal);
        (await _command.RunAsync("copy", "--from-file", List, $"oci-archive:{_command["a.tar"]}", "--overwrite")).ShouldSucceed();
    }

    [Fact]
    public async Task Bundle_WithAnImageThatIsNotThere_LeavesNoArchive()
    {
        await File.AppendAllTextAsync(List, $"{_registry.Host}/no/such:1\n", Token);

        Assert.Contains("[WCL4003]",
            (await _command.RunAsync("copy", "--from-file", List, $"oci-archive:{_command["a.tar"]}", "-q")).ShouldFail(),
                StringComparison.Ordinal);

        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(List)!),
            path => Path.GetFileName(path).StartsWith("a.tar", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bundle_ThatMakesNoSense_IsWrongUsage()
    {
        string archive = $"oci-archive:{_command["a.tar"]}";
        await File.WriteAllTextAsync(_command["empty.txt"], "# nothing\n", Token);

        Assert.Contains("names no image",
            (await _command.RunAsync("copy", "--from-file", _command["empty.txt"], archive)).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("one argument", (await _command.RunAsync("copy", "--from-file", List, "sample:", archive)).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("its own name", (await _command.RunAsync("copy", "--from-file", List, archive + ":name")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("its own name", (await _command.RunAsync("copy", "--from-file", List, $"{_registry.Host}/x")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("DST is missing", (await _command.RunAsync("copy", "sample:")).ShouldBeWrongUsage(), StringComparison.Ordinal);
        Assert.Contains("[WCL1902]", (await _command.RunAsync("copy", "--from-file", _command["none"], archive)).ShouldFail(),
            StringComparison.Ordinal);
    }
}
