using System.Text.Json;
using WinLayers.IntegrationTests.Cli;
using WinLayers.IntegrationTests.Testing;
using WinLayers.Oci.Digests;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>What users of skopeo and crane type first: tags, digests, raw documents, deleting. skopeo says the same.</summary>
public sealed class CommandNamesTests : IAsyncLifetime
{
    private readonly CommandRun _command = new();
    private RealRegistry _registry = null!;
    private string _digest = null!;

    private string Repository => $"{_registry.Host}/win/sample";

    public async ValueTask InitializeAsync()
    {
        _registry = await RealRegistry.StartAsync(deletes: true);
        foreach (string tag in new[] { "2", "1" })
            _digest = Assert.Single((await _command.RunAsync("copy", "sample:", $"{Repository}:{tag}")).ShouldSucceed().OutputLines);
    }

    public async ValueTask DisposeAsync()
    {
        _command.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task Tags_AreThoseThatSkopeoLists()
    {
        string skopeo = ExternalTool.Require("skopeo");
        CommandResult listed = await _command.RunAsync("tags", Repository);
        JsonElement document = (await _command.RunAsync("tags", $"docker://{Repository}", "--json")).Json;
        using var theirs =
            JsonDocument.Parse(await ToolProcess.RunAsync(skopeo, "list-tags", "--tls-verify=false", $"docker://{Repository}"));

        string?[] expected = [.. theirs.RootElement.GetProperty("Tags").EnumerateArray().Select(tag => tag.GetString())];
        Assert.Equal(["1", "2"], expected.Order(StringComparer.Ordinal));
        Assert.Equal(expected, listed.ShouldSucceed().OutputLines);
        Assert.Equal(expected, document.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal(Repository, document.GetProperty("repository").GetString());
    }

    [Fact]
    public async Task Tags_OfAnImageOrOfAFile_IsWrongUsage()
    {
        Assert.Contains("names one image", (await _command.RunAsync("tags", $"{Repository}:1")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("is not in a registry", (await _command.RunAsync("tags", "oci:layout")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("[WCL4003]", (await _command.RunAsync("tags", $"{_registry.Host}/no/such")).ShouldFail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digest_IsTheNamesOwn_AndTheManifestsWhereAPlatformIsNamed()
    {
        string index = await WriteIndexAsync();

        string own = Assert.Single((await _command.RunAsync("digest", $"oci:{_command["index"]}:all")).ShouldSucceed().OutputLines);
        string chosen = Assert.Single(
            (await _command.RunAsync("digest", $"oci:{_command["index"]}:all", "--platform", "windows/amd64")).ShouldSucceed().OutputLines);

        Assert.Equal(index, own);
        Assert.Equal(_digest, chosen);
        Assert.Equal(_digest, Assert.Single((await _command.RunAsync("digest", $"{Repository}:1")).ShouldSucceed().OutputLines));
        Assert.Contains("[WCL7010]",
            (await _command.RunAsync("digest", $"oci:{_command["index"]}:all", "--arch", "arm64")).ShouldFail(), StringComparison.Ordinal);
        JsonElement document = (await _command.RunAsync("digest", $"{Repository}:1", "--json")).Json;
        Assert.Equal(_digest, document.GetProperty("digest").GetString());
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", document.GetProperty("mediaType").GetString());
    }

    [Fact]
    public async Task InspectRawAndConfig_PrintTheBytesThatSkopeoPrints()
    {
        string skopeo = ExternalTool.Require("skopeo");
        string raw = (await _command.RunAsync("inspect", $"{Repository}:1", "--raw")).ShouldSucceed().Output;
        string config = (await _command.RunAsync("inspect", $"{Repository}:1", "--config")).ShouldSucceed().Output;

        Assert.Equal(_digest, $"{ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(raw))}");
        Assert.Equal(await ToolProcess.RunAsync(skopeo, "inspect", "--tls-verify=false", "--raw", $"docker://{Repository}:1"), raw);
        Assert.Equal(
            await ToolProcess.RunAsync(skopeo, "inspect", "--tls-verify=false", "--config", "--raw", $"docker://{Repository}:1"), config);
    }

    [Fact]
    public async Task InspectRaw_OfAnIndex_IsTheIndexUnlessAPlatformIsNamed()
    {
        string index = await WriteIndexAsync();
        string reference = $"oci:{_command["index"]}:all";

        Assert.Equal(index, DigestOf(await _command.RunAsync("inspect", reference, "--raw")));
        Assert.Equal(_digest, DigestOf(await _command.RunAsync("inspect", reference, "--raw", "--platform", "windows/amd64")));
        CommandResult contradiction = await _command.RunAsync("inspect", reference, "--raw", "--json");
        Assert.Equal((2, ""), (contradiction.ExitCode, contradiction.Output));
        Assert.Contains("leave --json out", contradiction.Error, StringComparison.Ordinal);

        static string DigestOf(CommandResult result) =>
            $"{ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(result.ShouldSucceed().Output))}";
    }

    [Fact]
    public async Task Delete_ByDigest_TakesTheManifest_AndATagAloneIsRefusedByThisRegistry()
    {
        string tag = (await _command.RunAsync("delete", $"{Repository}:1")).ShouldFail();
        Assert.Contains("[WCL4010]", tag, StringComparison.Ordinal);
        Assert.Contains("'winlayers digest REF' prints it", tag, StringComparison.Ordinal);
        Assert.Equal(2, (await _command.RunAsync("tags", Repository)).ShouldSucceed().OutputLines.Length);

        JsonElement document = (await _command.RunAsync("delete", $"{Repository}@{_digest}", "--json")).Json;

        Assert.Equal("manifest", document.GetProperty("kind").GetString());
        Assert.Equal($"docker://{Repository}@{_digest}", document.GetProperty("reference").GetString());
        Assert.Contains("[WCL4003]", (await _command.RunAsync("inspect", $"{Repository}:1")).ShouldFail(), StringComparison.Ordinal);
        Assert.Contains("[WCL4003]", (await _command.RunAsync("delete", $"{Repository}@{_digest}")).ShouldFail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeleteAndDestroy_NameEachOther()
    {
        Assert.Contains("add a tag or a digest", (await _command.RunAsync("delete", Repository)).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("'winlayers destroy'", (await _command.RunAsync("delete", "sample:")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("'winlayers delete'", (await _command.RunAsync("destroy", $"{Repository}:1")).ShouldFail(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WhereItIsOff_SaysWhoAllowsIt()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync();
        (await _command.RunAsync("copy", "sample:", $"{registry.Host}/a:1")).ShouldSucceed();

        string line = (await _command.RunAsync("delete", $"{registry.Host}/a@{_digest}")).ShouldFail();

        Assert.Contains("it does not delete: it answers 405 Method Not Allowed [WCL4010]", line, StringComparison.Ordinal);
    }

    // An index of the sample alone: the sample's layout, its entry wrapped.
    private async Task<string> WriteIndexAsync()
    {
        string folder = _command["index"];
        (await _command.RunAsync("sample", $"oci:{folder}:one")).ShouldSucceed();
        string manifest = Path.Combine(folder, "blobs", "sha256", _digest["sha256:".Length..]);
        string entry = $$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{_digest}}","size":{{new FileInfo(manifest).Length}},"platform":{"os":"windows","architecture":"amd64","os.version":"10.0.20348.2031"} }""";
        string index = $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{entry}}]}""";
        Digest digest = ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(index));
        CancellationToken token = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(folder, "blobs", "sha256", digest.Hex), index, token);
        string top = $$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{{digest}}","size":{{index.Length}},"annotations":{"org.opencontainers.image.ref.name":"all"} }]}""";
        await File.WriteAllTextAsync(Path.Combine(folder, "index.json"), top, token);
        return $"{digest}";
    }
}
