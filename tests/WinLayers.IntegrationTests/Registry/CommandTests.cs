using System.Text;
using System.Text.Json;
using WinLayers.IntegrationTests.Cli;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>The verbs on images of a real registry, as a user walks through them; skopeo sees the same bytes.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly CommandRun _command = new();
    private RealRegistry _registry = null!;
    private string _digest = null!;

    private string Sample => $"docker://{_registry.Host}/win/sample:1";

    public async ValueTask InitializeAsync()
    {
        _registry = await RealRegistry.StartAsync();
        _digest = Assert.Single((await _command.RunAsync("copy", "sample:", Sample)).ShouldSucceed().OutputLines);
    }

    public async ValueTask DisposeAsync()
    {
        _command.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task UnpackedStraightFromTheRegistry_IsWhatTheSampleIs()
    {
        JsonElement image = (await _command.RunAsync("unpack", Sample, "--json")).Json;
        JsonElement sample = (await _command.RunAsync("unpack", "sample:", "--json", "--store", _command["other"])).Json;

        Assert.Equal(_digest, image.GetProperty("digest").GetString());
        Assert.Equal(ChainOf(sample), ChainOf(image));
        Assert.True((await _command.RunAsync("verify", "--json")).Json.GetProperty("ok").GetBoolean());

        static string?[] ChainOf(JsonElement document) =>
            [.. document.GetProperty("chain").EnumerateArray().Select(layer => layer.GetProperty("chainId").GetString())];
    }

    [Fact]
    public async Task WithoutUnpacking_FilesAreListedAndRead()
    {
        CommandResult listed = await _command.RunAsync("ls", Sample, "--recursive");
        CommandResult expected = await _command.RunAsync("ls", "sample:", "--recursive");
        Assert.Equal(expected.ShouldSucceed().Output, listed.ShouldSucceed().Output);

        CommandResult read = await _command.RunAsync("cat", Sample, "app/app.exe");
        Assert.Equal((await _command.RunAsync("cat", "sample:", "app/app.exe")).ShouldSucceed().Output, read.ShouldSucceed().Output);
        Assert.False(
            Directory.Exists(Path.Combine(_command.Store, "layers"))
            && Directory.EnumerateDirectories(Path.Combine(_command.Store, "layers")).Any());
    }

    [Fact]
    public async Task InspectPlatformLintVerify_NeedNoStore()
    {
        JsonElement image = (await _command.RunAsync("inspect", Sample, "--json")).Json;
        Assert.Equal(_digest, image.GetProperty("digest").GetString());
        Assert.Equal(3, image.GetProperty("layers").GetArrayLength());
        Assert.Equal(_digest,
            (await _command.RunAsync("platform", Sample, "--host", "ltsc2022", "--json")).Json.GetProperty("chosen").GetString());
        JsonElement lint = (await _command.RunAsync("lint", Sample, "--json")).Json;
        Assert.Equal(0, lint.GetProperty("errors").GetInt32());
        Assert.Equal(3, lint.GetProperty("layers").GetArrayLength());
        JsonElement verified = (await _command.RunAsync("verify", Sample, "--json")).Json;
        Assert.True(verified.GetProperty("ok").GetBoolean());
        Assert.True(verified.GetProperty("bytesRead").GetInt64() > 1_000_000);
        Assert.False(Directory.Exists(_command.Store));
    }

    [Fact]
    public async Task PullThenPush_ToAnotherRepository_SendsNoBlobAgain()
    {
        JsonElement pulled = (await _command.RunAsync("pull", Sample, "--json")).Json;
        Assert.Equal(_digest, pulled.GetProperty("digest").GetString());
        Assert.Equal(4, pulled.GetProperty("copied").GetInt32());

        string there = $"docker://{_registry.Host}/team/pushed:2";
        JsonElement pushed = (await _command.RunAsync("push", Sample, there, "--json")).Json;
        JsonElement copied = (await _command.RunAsync("copy", Sample, $"docker://{_registry.Host}/team/copied:2", "--json")).Json;

        Assert.All(new[] { pushed, copied }, document =>
        {
            Assert.Equal(_digest, document.GetProperty("digest").GetString());
            Assert.Equal(0, document.GetProperty("copied").GetInt32());
            Assert.Equal(4, document.GetProperty("present").GetInt32());
        });
        Assert.Equal(_digest, $"{ContentHash.Of(Encoding.UTF8.GetBytes(await RawAsync(there)))}");
    }

    [Fact]
    public async Task LayoutAndArchive_ThereAndBack()
    {
        string layout = $"oci:{_command["layout"]}:s", archive = $"docker-archive:{_command["image.tar"]}";
        Assert.Equal(_digest, Assert.Single((await _command.RunAsync("copy", Sample, layout)).ShouldSucceed().OutputLines));
        Assert.Equal(_digest,
            Assert.Single((await _command.RunAsync("copy", layout, $"{_registry.Host}/back/layout:1")).ShouldSucceed().OutputLines));
        (await _command.RunAsync("copy", Sample, $"{archive}:sample:1")).ShouldSucceed();
        (await _command.RunAsync("copy", archive, $"{_registry.Host}/back/archive:1")).ShouldSucceed();

        // An archive's layers are not compressed: the manifest is another, the image is not.
        JsonElement before = (await _command.RunAsync("inspect", Sample, "--json")).Json, after =
            (await _command.RunAsync("inspect", $"{_registry.Host}/back/archive:1", "--json")).Json;
        Assert.Equal(before.GetProperty("configDigest").GetString(), after.GetProperty("configDigest").GetString());
        await Skopeo().RunAsync(
            "copy", "--insecure-policy", "--src-tls-verify=false", "--override-os=windows", $"docker://{_registry.Host}/back/archive:1",
                $"oci:{_command["skopeo"]}:s");
    }

    [Fact]
    public async Task Index_AllPlatformsAreCopiedAndOneIsChosen()
    {
        SmallImage old = new(seed: 1, bytes: 1000, osVersion: "10.0.17763.5000"), recent =
            new(seed: 2, bytes: 1000, osVersion: "10.0.20348.2000");
        string json = WriteIndex(_command["index"], old, recent);
        string there = $"docker://{_registry.Host}/multi/app:1";
        JsonElement copied = (await _command.RunAsync("copy", $"oci:{_command["index"]}:all", there, "--all", "--json")).Json;

        Assert.Equal(4, copied.GetProperty("copied").GetInt32());
        Assert.Equal(json, await RawAsync(there));
        Assert.Equal($"{recent.Manifest.Digest}",
            (await _command.RunAsync("inspect", there, "--json")).Json.GetProperty("digest").GetString());
        Assert.Equal($"{old.Manifest.Digest}",
            (await _command.RunAsync("inspect", there, "--os-version", "10.0.17763", "--json")).Json.GetProperty("digest").GetString());
        JsonElement choice = (await _command.RunAsync("platform", there, "--host", "ltsc2019", "--json")).Json;
        Assert.Equal($"{old.Manifest.Digest}", choice.GetProperty("chosen").GetString());
        Assert.Equal([true, false],
            choice.GetProperty("candidates").EnumerateArray().OrderBy(c => c.GetProperty("osVersion").GetString(), StringComparer.Ordinal)
            .Select(c => c.GetProperty("isSuitable").GetBoolean()));
        Assert.Equal($"{old.Manifest.Digest}",
            Assert.Single((await _command.RunAsync("pull", there, "--os-version", "10.0.17763")).ShouldSucceed().OutputLines));
        Assert.Equal($"{ContentHash.Of(Encoding.UTF8.GetBytes(json))}",
            Assert.Single((await _command.RunAsync("pull", there, "--all")).ShouldSucceed().OutputLines));
    }

    [Theory]
    [InlineData("win/sample:none", "WCL4003", "MANIFEST_UNKNOWN")]
    [InlineData("nothing/here", "WCL4003", "read manifest latest")]
    public async Task NotThere_IsOneLineWithAHint(string what, string code, string expected)
    {
        string line = (await _command.RunAsync("unpack", $"{_registry.Host}/{what}")).ShouldFail();

        Assert.Contains($"[{code}]. Check the repository's name and the tag", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    private static RealClient Skopeo() => new("skopeo", "skopeo");

    private static Task<string> RawAsync(string reference) => Skopeo().RunAsync("inspect", "--raw", "--tls-verify=false", reference);

    private static string WriteIndex(string folder, params SmallImage[] images)
    {
        foreach (SmallImage image in images)
            image.WriteLayout(folder, "one");
        string json = $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', images.Select(Entry))}}]}""";
        var digest = ContentHash.Of(Encoding.UTF8.GetBytes(json));
        File.WriteAllText(Path.Combine(folder, "blobs", "sha256", digest.Hex), json);
        File.WriteAllText(
            Path.Combine(folder, "index.json"),
            $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.OciIndex}}","digest":"{{digest}}","size":{{json.Length}},"annotations":{"org.opencontainers.image.ref.name":"all"} }]}""");
        return json;

        static string Entry(SmallImage image)
        {
            using var config = JsonDocument.Parse(image.ConfigBytes);
            return $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{image.Manifest.Digest}}","size":{{image.Manifest.Bytes.Length}},"platform":{"os":"windows","architecture":"amd64","os.version":"{{config.RootElement.GetProperty("os.version")}}"} }""";
        }
    }
}
