using System.Formats.Tar;
using System.Text.Json;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>The happy path of the verbs on the sample image, in one store, as a new user would walk it.</summary>
public sealed class SampleImageTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private CommandResult _unpacked = null!;

    public async ValueTask InitializeAsync() => _unpacked = await RunAsync("unpack", "sample:");

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Unpack_PrintsTheFoldersChildToParentAndIsRepeatable()
    {
        string[] folders = _unpacked.ShouldSucceed().OutputLines;
        Assert.Equal(3, folders.Length);
        Assert.All(folders, folder => Assert.True(File.Exists(Path.Combine(folder, "layer.jsonl")), folder));

        JsonElement again = (await RunAsync("unpack", "sample:", "--json")).Json;

        Assert.Equal("sample:default", again.GetProperty("image").GetString());
        Assert.Equal("windows", again.GetProperty("platform").GetProperty("os").GetString());
        Assert.Equal(folders, again.GetProperty("chain").EnumerateArray().Select(layer => layer.GetProperty("path").GetString()));
        Assert.All(again.GetProperty("chain").EnumerateArray(), layer =>
        {
            Assert.StartsWith("sha256:", layer.GetProperty("chainId").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("sha256:", layer.GetProperty("diffId").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("sha256:", layer.GetProperty("digest").GetString(), StringComparison.Ordinal);
            Assert.True(layer.GetProperty("wasPresent").GetBoolean());
        });
    }

    [Fact]
    public async Task Unpack_Quiet_SaysNothingOnStderr()
    {
        CommandResult result = await RunAsync("unpack", "sample:", "--quiet");

        Assert.Equal(3, result.ShouldSucceed().OutputLines.Length);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Ls_UnpackedAndFromBlobs_ShowTheSameFiles()
    {
        CommandResult unpacked = await RunAsync("ls", "sample:", "--recursive");
        CommandResult blobs = await RunAsync("ls", "sample:", "--recursive", "--store", _folder["empty"]);

        Assert.Contains(unpacked.ShouldSucceed().OutputLines, line => line.EndsWith("Files/Windows/system32/", StringComparison.Ordinal));
        Assert.Equal(unpacked.Output, blobs.ShouldSucceed().Output);
        Assert.False(Directory.Exists(_folder["empty"]));
        Assert.Equal((await RunAsync("ls", "sample:", "UtilityVM", "-r", "--long", "--store", _folder["empty"])).Output,
            (await RunAsync("ls", "sample:", "UtilityVM", "-r", "--long")).Output);
    }

    [Fact]
    public async Task Ls_Json_ListsTheFilesUnderTheirName()
    {
        JsonElement document = (await RunAsync("ls", "sample:", "/", "--json")).Json;
        JsonElement files = document.GetProperty("files");
        Assert.Equal("sample:default", document.GetProperty("image").GetString());
        Assert.Equal("Files", document.GetProperty("path").GetString());

        JsonElement windows = Assert.Single(files.EnumerateArray(), file => file.GetProperty("path").GetString() == "Files/Windows");
        Assert.Equal("directory", windows.GetProperty("kind").GetString());
        Assert.True(windows.TryGetProperty("layer", out _) && windows.TryGetProperty("attributes", out _)
            && windows.TryGetProperty("modified", out _));
    }

    [Fact]
    public async Task Cat_WritesTheBytesThatLsCounts()
    {
        JsonElement files = (await RunAsync("ls", "sample:", "--recursive", "--json")).Json.GetProperty("files");
        JsonElement file =
            files.EnumerateArray()
            .First(f => f.GetProperty("kind").GetString() == "file" && f.GetProperty("size").GetInt64() is > 0 and < 4096
            && f.TryGetProperty("sha256", out _));
        string path = file.GetProperty("path").GetString()!;

        CommandResult extracted = await RunAsync("extract", "sample:", _folder["one"], "--path", path);

        extracted.ShouldSucceed();
        byte[] bytes =
            await File.ReadAllBytesAsync(Path.Combine(_folder["one"], Path.GetFileName(path)), TestContext.Current.CancellationToken);
        Assert.Equal(file.GetProperty("size").GetInt64(), bytes.Length);
        Assert.Equal(file.GetProperty("sha256").GetString(),
            "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
        CommandResult shown = await RunAsync("cat", "sample:", path.ToUpperInvariant().Replace('/', '\\'));
        Assert.Equal(System.Text.Encoding.UTF8.GetString(bytes), shown.ShouldSucceed().Output);
    }

    [Fact]
    public async Task Extract_WritesFilesAndTellsWhatItLeftOut()
    {
        JsonElement result = (await RunAsync("extract", "sample:", _folder["out"], "--json")).Json;

        Assert.True(File.Exists(Path.Combine(_folder["out"], "app", "app.exe")));
        Assert.Equal(Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories).Count(),
            result.GetProperty("files").GetInt64());
        Assert.NotEmpty(result.GetProperty("leftOut").EnumerateArray());
    }

    [Fact]
    public async Task Verify_NamesTheFileThatChanged()
    {
        Assert.True((await RunAsync("verify", "--json")).Json.GetProperty("ok").GetBoolean());
        string top = _unpacked.OutputLines[0];
        string file =
            Directory.EnumerateFiles(Path.Combine(top, "Files"), "*", SearchOption.AllDirectories).First(f => new FileInfo(f).Length > 0);
        await File.AppendAllTextAsync(file, "x", TestContext.Current.CancellationToken);

        CommandResult result = await RunAsync("verify", "sample:");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(result.OutputLines, line => line.Contains(Path.GetFileName(file), StringComparison.Ordinal));
        Assert.Single(result.ErrorLines, line => line.StartsWith("winlayers: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DestroyAndGc_EmptyTheStore()
    {
        (await RunAsync("destroy", "sample:")).ShouldSucceed();
        CommandResult wouldGo = await RunAsync("gc", "--dry-run");
        JsonElement gone = (await RunAsync("gc", "--json")).Json;

        Assert.Equal(3, wouldGo.ShouldSucceed().OutputLines.Length);
        Assert.Equal(3, gone.GetProperty("items").GetArrayLength());
        Assert.All(_unpacked.OutputLines, folder => Assert.False(Directory.Exists(folder)));
    }

    [Fact]
    public async Task Destroy_ALayerInUse_IsRefused()
    {
        string line = (await RunAsync("destroy", _unpacked.OutputLines[^1])).ShouldFail();

        Assert.Contains("sample:default", line, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_unpacked.OutputLines[^1]));
    }

    [Fact]
    public async Task Inspect_Platform_Lint_Doctor_PrintTheirDocuments()
    {
        JsonElement image = (await RunAsync("inspect", "sample:", "--json")).Json;
        Assert.Equal(3, image.GetProperty("layers").GetArrayLength());
        Assert.Equal("Windows Server 2022", image.GetProperty("platform").GetProperty("name").GetString());

        JsonElement platform = (await RunAsync("platform", "sample:", "--host", "ltsc2022", "--json")).Json;
        Assert.Equal(image.GetProperty("digest").GetString(), platform.GetProperty("chosen").GetString());

        JsonElement lint = (await RunAsync("lint", "sample:", "--json")).Json;
        Assert.Equal(0, lint.GetProperty("errors").GetInt32());
        Assert.Equal(3, lint.GetProperty("layers").GetArrayLength());

        JsonElement doctor = (await RunAsync("doctor", "--json")).Json;
        Assert.Contains(doctor.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "store");
    }

    [Fact]
    public async Task Inspect_UnpackedImageAndItsFolders_TellContentsAndUtilityVm()
    {
        JsonElement image = (await RunAsync("inspect", "sample:", "--json")).Json;
        JsonElement top = (await RunAsync("inspect", _unpacked.OutputLines[0], "--json")).Json;
        JsonElement elsewhere = (await RunAsync("inspect", "sample:", "--json", "--store", _folder["empty"])).Json;

        // The third layer patches the Utility VM of the first.
        Assert.Equal(2, image.GetProperty("utilityVm").GetProperty("layer").GetInt32());
        Assert.True(image.GetProperty("utilityVm").GetProperty("isBootable").GetBoolean());
        Assert.Equal(image.GetProperty("contentBytes").GetInt64(),
            image.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("contents").GetProperty("bytes").GetInt64()));
        foreach (string count in new[] { "files", "directories", "links", "removals", "bytes" })
            Assert.Equal(image.GetProperty("layers")[2].GetProperty("contents").GetProperty(count).GetInt64(),
                top.GetProperty("contents").GetProperty(count).GetInt64());
        Assert.Equal(_unpacked.OutputLines[1..], top.GetProperty("parents").EnumerateArray().Select(parent => parent.GetString()));
        Assert.False(elsewhere.TryGetProperty("utilityVm", out _));
        Assert.Contains("Utility VM", (await RunAsync("inspect", _unpacked.OutputLines[2])).ShouldSucceed().Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Platform_AnOlderHost_IsToldWhyNot()
    {
        CommandResult result = await RunAsync("platform", "sample:", "--host", "ltsc2019");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("newer than the host's 17763", result.Output, StringComparison.Ordinal);
        Assert.Single(result.ErrorLines);
    }

    [Fact]
    public async Task SamplePullCopyPush_KeepTheDigest()
    {
        string digest = Assert.Single((await RunAsync("sample", $"oci:{_folder["layout"]}:s")).ShouldSucceed().OutputLines);
        string copied =
            Assert.Single((await RunAsync("copy", $"oci:{_folder["layout"]}:s", $"oci:{_folder["copy"]}:s")).ShouldSucceed().OutputLines);
        JsonElement pulled = (await RunAsync("pull", $"oci:{_folder["copy"]}:s", "--json")).Json;
        CommandResult pushed = await RunAsync("push", "sample:", $"oci:{_folder["pushed"]}:s");

        Assert.Equal(digest, copied);
        Assert.Equal(digest, pulled.GetProperty("digest").GetString());
        Assert.Equal(digest, Assert.Single(pushed.ShouldSucceed().OutputLines));
        (await RunAsync("verify", $"oci:{_folder["pushed"]}:s")).ShouldSucceed();
    }

    [Fact]
    public async Task StageThenExport_GiveATar()
    {
        JsonElement image = (await RunAsync("inspect", "sample:", "--json")).Json;
        string digest = image.GetProperty("layers")[1].GetProperty("digest").GetString()!;
        string blob = Path.Combine(_folder["store"], "blobs", "sha256", digest["sha256:".Length..]);

        JsonElement staged = (await RunAsync("stage", blob, _folder["staged"], "--parent", _unpacked.OutputLines[^1], "--json")).Json;
        CommandResult again = await RunAsync("stage", blob, _folder["staged"], "--parent", _unpacked.OutputLines[^1]);

        Assert.True(File.Exists(staged.GetProperty("plan").GetString()));
        Assert.True(staged.GetProperty("entries").GetInt64() > 0);
        again.ShouldFail();
        CommandResult exported = await RunAsync("export", _folder["staged"], _folder["out.tar"]);
        Assert.StartsWith("sha256:", exported.ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out.tar"]));
    }

    [Fact]
    public async Task Stage_TarCutBetweenTwoEntries_IsWarnedOf_EvenQuietly()
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "Files/"));
        await File.WriteAllBytesAsync(_folder["cut.tar"], tar.ToArray()[..512], Stop);

        CommandResult staged =
            await RunAsync("stage", _folder["cut.tar"], _folder["staged"], "--parent", _unpacked.OutputLines[^1], "--quiet");

        staged.ShouldSucceed();
        Assert.Contains("warning WCL2125", Assert.Single(staged.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stage_OneParent_BringsTheLayersBelowIt()
    {
        string blob = await BlobOfAsync(2);
        JsonElement one = (await RunAsync("stage", blob, _folder["one"], "--parent", _unpacked.OutputLines[1], "--json")).Json;
        JsonElement all =
            (await RunAsync("stage", blob, _folder["all"], "--parent", _unpacked.OutputLines[1], "--parent", _unpacked.OutputLines[2],
            "--json")).Json;

        Assert.Equal(await File.ReadAllTextAsync(all.GetProperty("plan").GetString()!, Stop),
            await File.ReadAllTextAsync(one.GetProperty("plan").GetString()!, Stop));
        (await RunAsync("lint", blob, "--parent", _unpacked.OutputLines[1])).ShouldSucceed();
        Directory.Move(_folder["store"], _folder["moved"]);
        string moved = Path.Combine(_folder["moved"], "layers", Path.GetFileName(_unpacked.OutputLines[1]));
        blob = Path.Combine(_folder["moved"], "blobs", "sha256", Path.GetFileName(blob));
        (await RunAsync("lint", blob, "--parent", moved)).ShouldSucceed();
        Directory.Delete(Path.Combine(_folder["moved"], "layers", Path.GetFileName(_unpacked.OutputLines[2])), recursive: true);
        Assert.Contains("layerchain.json", (await RunAsync("lint", blob, "--parent", moved)).ShouldFail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_UnpackedLayers_GiveTarsThatStageAsTheOriginalsDo()
    {
        string[] folders = _unpacked.OutputLines;
        for (int i = 0; i < folders.Length; i++)
        {
            JsonElement exported = (await RunAsync("export", folders[i], _folder[$"{i}.tar"], "--json")).Json;
            byte[] bytes = await File.ReadAllBytesAsync(_folder[$"{i}.tar"], Stop);
            Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)),
                exported.GetProperty("diffId").GetString());
        }

        (await RunAsync("lint", _folder["2.tar"], "--base")).ShouldSucceed();
        JsonElement original = (await RunAsync("stage", await BlobOfAsync(2), _folder["a"], "--parent", folders[1], "--json")).Json;
        JsonElement again = (await RunAsync("stage", _folder["0.tar"], _folder["b"], "--parent", folders[1], "--json")).Json;
        foreach (string count in new[] { "files", "bytes", "removals", "links" })
            Assert.Equal(original.GetProperty(count).GetInt64(), again.GetProperty(count).GetInt64());
    }

    [Fact]
    public async Task Unpack_NameThatNoLayoutMayHold_IsListedUnderOneThatReachesTheImage()
    {
        (await RunAsync("sample", $"oci:{_folder["layout"]}:s")).ShouldSucceed();
        foreach (string image in new[] { "sample:large?entries=100&bytes=0", $"oci:{_folder["layout"]}:s", "sample:" })
        {
            JsonElement unpacked = (await RunAsync("unpack", image, "--json")).Json;
            using var index = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder["store"], "index.json"), Stop));
            string[] names = [.. index.RootElement.GetProperty("manifests").EnumerateArray()
                .Where(entry => entry.GetProperty("digest").GetString() == unpacked.GetProperty("digest").GetString())
                .Select(entry => entry.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString()!)];

            Assert.NotEmpty(names);
            foreach (string name in names)
                Assert.Equal(unpacked.GetProperty("digest").GetString(),
                    (await RunAsync("inspect", $"oci:{_folder["store"]}:{name}", "--json")).Json.GetProperty("digest").GetString());
            (await RunAsync("push", image, $"oci:{_folder["pushed"]}:x")).ShouldSucceed();
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private async Task<string> BlobOfAsync(int layer)
    {
        JsonElement image = (await RunAsync("inspect", "sample:", "--json")).Json;
        return Path.Combine(_folder["store"], "blobs", "sha256",
            image.GetProperty("layers")[layer].GetProperty("digest").GetString()!["sha256:".Length..]);
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
