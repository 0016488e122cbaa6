using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Storage;

namespace WinLayers.IntegrationTests.Cli;

/// <summary><c>verify</c> without an argument holds a store to everything that it promises, and says what is missing or differs.</summary>
public sealed class VerifyStoreTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string[] _layers = [];
    private LayerStore _store = null!;
    private ImageManifest _manifest = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _layers = (await RunAsync("unpack", "sample:")).ShouldSucceed().OutputLines;
        _store = await LayerStore.OpenAsync(_folder["store"], Token);
        Descriptor listed = Assert.Single(_store.Blobs.Index.Read().Manifests);
        byte[] bytes = await _store.Blobs.ReadAsync(listed.Digest, ImageDocument.LimitBytes, Token);
        _manifest = Assert.IsType<ImageManifest>(ImageDocument.Parse(new RawManifest(listed.MediaType, listed.Digest, bytes)));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WholeStore_IsRead_EachBlobAndLayerOnce()
    {
        // A second name for the image, and the layers' files once more as a recorded image: nothing of it is work.
        await _store.Blobs.Index.SetAsync("again", _manifest.Descriptor, Token);
        long compressed = _store.Blobs.List().Count();

        CommandResult result = (await RunAsync("verify", "--json")).ShouldSucceed();

        Assert.Equal(compressed, result.Json.GetProperty("blobs").GetInt64());
        Assert.Equal(_layers.Length, result.Json.GetProperty("layers").GetInt32());
        Assert.Contains("all as it should be", (await RunAsync("verify")).ShouldSucceed().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeletedBlob_IsMissing()
    {
        Digest blob = _manifest.Layers[1].Digest;
        File.Delete(_store.Blobs.PathOf(blob));

        await AssertProblemAsync($"{blob}: missing: ", "run 'winlayers pull sample:default' again");
        await HealAsync();
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("configuration")]
    public async Task DeletedDocument_IsMissing(string document)
    {
        Digest digest = document == "manifest" ? _manifest.Raw.Digest : _manifest.Config.Digest;
        File.Delete(_store.Blobs.PathOf(digest));

        await AssertProblemAsync($"{digest}: missing: the {document} of sample:default");
        await HealAsync();
    }

    [Fact]
    public async Task DeletedLayerFolder_IsMissing()
    {
        Directory.Delete(_layers[^1], recursive: true);

        string missing = $"{_layers[^1]}: missing: the layer is not in the store";
        CommandResult result = await RunAsync("verify");

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.OutputLines, line => line.StartsWith(missing, StringComparison.Ordinal));
        (await RunAsync("unpack", "sample:")).ShouldSucceed();
        Assert.DoesNotContain((await RunAsync("verify")).OutputLines, line => line.Contains(": missing: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-3)]
    public async Task FlippedByteInALayersBlob_IsChanged_AndPullBringsItAnew(int position)
    {
        Digest blob = _manifest.Layers[0].Digest;
        Flip(_store.Blobs.PathOf(blob), position);

        await AssertProblemAsync($"{blob}: changed: ", "run 'winlayers pull sample:default' again");
        Assert.True(_store.Blobs.Contains(blob));
        await HealAsync();
    }

    [Fact]
    public async Task SwappedDiffIdsInAConfiguration_AreNoticed()
    {
        // Every digest is right; only the configuration lies about what is in the layers.
        JsonNode config = JsonNode.Parse(await File.ReadAllBytesAsync(_store.Blobs.PathOf(_manifest.Config.Digest), Token))!;
        JsonArray diffIds = config["rootfs"]!["diff_ids"]!.AsArray();
        (string first, string second) = (diffIds[0]!.GetValue<string>(), diffIds[1]!.GetValue<string>());
        (diffIds[0], diffIds[1]) = (JsonValue.Create(second), JsonValue.Create(first));
        Descriptor lyingConfig = await PutAsync(config);
        JsonNode manifest = JsonNode.Parse(_manifest.Raw.Bytes.Span)!;
        manifest["config"]!["digest"] = lyingConfig.Digest.ToString();
        manifest["config"]!["size"] = lyingConfig.Size;
        await _store.Blobs.Index.SetAsync("lying", (await PutAsync(manifest)) with { MediaType = _manifest.MediaType }, Token);

        CommandResult result = await RunAsync("verify");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            [$"{_manifest.Layers[0].Digest}: changed: its tar has the DiffID {first}",
                $"{_manifest.Layers[1].Digest}: changed: its tar has the DiffID {second}"],
            result.OutputLines.Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("index.json")]
    [InlineData("image")]
    [InlineData("manifest")]
    public async Task DamagedDocument_IsAProblemAndNoCrash(string document)
    {
        string path = document switch
        {
            "index.json" => Path.Combine(_store.Root, "index.json"),
            "image" => Assert.Single(Directory.GetFiles(Path.Combine(_store.Root, "images"))),
            _ => _store.Blobs.PathOf(_manifest.Raw.Digest),
        };
        await File.WriteAllTextAsync(path, "{", Token);

        CommandResult result = await RunAsync("verify");

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.OutputLines);
        Assert.StartsWith(document == "manifest" ? $"{_manifest.Raw.Digest}: changed: " : $"{path}: damaged: ", line,
            StringComparison.Ordinal);
        Assert.DoesNotContain("BytePositionInLine", line, StringComparison.Ordinal);
        Assert.Contains("[WCL1907]", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BlobThatNoImageHas_IsCheckedToo()
    {
        Digest orphan = (await PutAsync(new JsonObject { ["a"] = 1 })).Digest;
        (await RunAsync("verify")).ShouldSucceed();
        Flip(_store.Blobs.PathOf(orphan), 3);

        await AssertProblemAsync($"{orphan}: changed: ", "no image needs it");
    }

    [Fact]
    public async Task OneImage_IsCheckedAloneAndWhole()
    {
        Digest orphan = (await PutAsync(new JsonObject { ["a"] = 1 })).Digest;
        Flip(_store.Blobs.PathOf(orphan), 3);
        (await RunAsync("verify", "sample:")).ShouldSucceed();
        File.Delete(_store.Blobs.PathOf(_manifest.Layers[2].Digest));

        CommandResult result = await RunAsync("verify", "sample:");

        Assert.StartsWith($"{_manifest.Layers[2].Digest}: missing: ", Assert.Single(result.OutputLines), StringComparison.Ordinal);
    }

    private async Task AssertProblemAsync(params string[] parts)
    {
        CommandResult result = await RunAsync("verify");
        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.OutputLines);
        Assert.StartsWith(parts[0], line, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    private async Task HealAsync()
    {
        (await RunAsync("pull", "sample:")).ShouldSucceed();
        (await RunAsync("verify")).ShouldSucceed();
    }

    private static void Flip(string path, int position)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[position < 0 ? bytes.Length + position : position] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private async Task<Descriptor> PutAsync(JsonNode document)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
        Descriptor blob = new() { MediaType = "", Digest = Digest.FromHash(SHA256.HashData(bytes)), Size = bytes.Length };
        await _store.Blobs.PutAsync(blob.Digest, bytes, Token);
        return blob;
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
