using System.Text.Json;
using WinLayers.Oci.Digests;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>
/// Every verb answers for the image that was asked: whatever its source, whether the store has it pulled, unpacked or not at all, and from
/// whatever folder it is named. Beside each image stands a twin of the same name that differs in one file.
/// </summary>
public sealed class OneAnswerTests : IDisposable
{
    private static readonly string[] Folders = ["one", "two"];

    private readonly TemporaryFolder _folder = new();
    private readonly List<Asked> _asked = [];

    public OneAnswerTests()
    {
        foreach (string folder in Folders)
        {
            var plain = new TwinLayout(Path.Combine(_folder[folder], "plain"));
            TwinLayout.Entry image = plain.Image($"{folder} plain");
            plain.Name("only", image);
            _asked.Add(new Asked(folder, "oci:plain", [], $"{folder} plain", image.Digest, image.Digest));

            var multi = new TwinLayout(Path.Combine(_folder[folder], "multi"));
            TwinLayout.Entry older = multi.Image($"{folder} older", "10.0.17763.1"), newer = multi.Image($"{folder} newer");
            TwinLayout.Entry index = multi.Index(older, newer);
            multi.Name("all", index);
            _asked.Add(new Asked(folder, "oci:multi:all", ["--host", "ltsc2019"], $"{folder} older", older.Digest, index.Digest));
            _asked.Add(new Asked(folder, "oci:./multi/:all", [], $"{folder} newer", newer.Digest, index.Digest));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("pull")]
    [InlineData("unpack")]
    public async Task EveryVerb_EveryState_GivesTheImageThatWasAsked(string? before = null)
    {
        await AddArchivesAsync();
        foreach (Asked asked in before is null ? [] : _asked)
            (await RunAsync(asked, before!)).ShouldSucceed();
        foreach (Asked asked in _asked)
            await AssertAnswersAsync(asked);
    }

    [Fact]
    public async Task Offline_TheStoreAnswersTheSame_EvenWhereTheSourceIsGone()
    {
        await AddArchivesAsync();
        foreach (Asked asked in _asked)
            (await RunAsync(asked, "pull")).ShouldSucceed();
        foreach (string folder in Folders)
            Directory.Move(_folder[folder], _folder[folder + "-gone"]);
        foreach (string folder in Folders)
            Directory.CreateDirectory(_folder[folder]);

        foreach (Asked asked in _asked)
        {
            string unreachable = (await RunAsync(asked, "cat", TwinLayout.File)).ShouldFail();
            Assert.Contains("--offline answers from there", unreachable, StringComparison.Ordinal);
            CommandResult shown = await RunAsync(asked, "cat", TwinLayout.File, "--offline");
            Assert.Contains("answered from the store", shown.Error, StringComparison.Ordinal);
            await AssertAnswersAsync(asked, "--offline");
        }
    }

    [Fact]
    public async Task Digest_WholeOrAsFarAsItIsPrinted_NamesTheImageToEveryVerb()
    {
        foreach (Asked asked in _asked)
            (await RunAsync(asked, "pull")).ShouldSucceed();
        CommandResult listed = await RunAsync("one", "ls");

        foreach (Asked asked in _asked)
        {
            string printed = Assert.Single(listed.OutputLines, line => line.Contains(asked.Digest.Hex[..12], StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).Single(word => word.StartsWith("sha256:", StringComparison.Ordinal));
            string[] written = [asked.Digest.ToString(), printed, asked.Digest.Hex[..12].ToUpperInvariant()];
            foreach (string digest in written)
                Assert.Equal(asked.Text, (await RunAsync("one", "cat", digest, TwinLayout.File)).ShouldSucceed().Output);
            Assert.Equal(asked.Text,
                (await RunAsync(asked with { Reference = asked.Root.ToString() }, "cat", TwinLayout.File)).ShouldSucceed().Output);
            if (asked.Folder == "one")
                await AssertAnswersAsync(asked with { Reference = written[_asked.IndexOf(asked) % written.Length], Options = [] });
        }

        Assert.Contains("[WCL1902]", (await RunAsync("one", "cat", "sha256:0123456789ab", "x")).ShouldFail(), StringComparison.Ordinal);
        _ = (await RunAsync("one", "cat", "sha256:0123", "x")).ShouldBeWrongUsage();
    }

    private async Task AddArchivesAsync()
    {
        foreach (Asked plain in _asked.Where(asked => asked.Reference == "oci:plain").ToList())
        {
            (await RunAsync(plain.Folder, "copy", "oci:plain", "docker-archive:plain.tar", "--store", _folder["other"])).ShouldSucceed();
            JsonElement archive = (await RunAsync(plain.Folder, "inspect", "docker-archive:plain.tar", "--json")).Json;

            // An archive has no manifest: its digest is that of the one made up from it, which no other image has.
            var digest = Digest.Parse(archive.GetProperty("digest").GetString()!);
            _asked.Add(plain with { Reference = "docker-archive:plain.tar", Digest = digest, Root = digest });
        }

        foreach (Asked older in _asked.Where(asked => asked.Reference == "oci:multi:all").ToList())
        {
            (await RunAsync(older.Folder, "copy", "oci:multi:all", "oci-archive:multi.tar:all", "--all", "--store", _folder["other"]))
                .ShouldSucceed();
            _asked.Add(older with { Reference = "oci-archive:./multi.tar:all" });
        }
    }

    private async Task AssertAnswersAsync(Asked asked, params string[] more)
    {
        JsonElement listed = (await RunAsync(asked, "ls", [TwinLayout.File, "--json", .. more])).Json;
        Assert.Equal(asked.Digest.ToString(), listed.GetProperty("digest").GetString());
        JsonElement entry = Assert.Single(listed.GetProperty("files").EnumerateArray());
        Assert.Equal(asked.Text.Length, entry.GetProperty("size").GetInt32());

        Assert.Equal(asked.Text, (await RunAsync(asked, "cat", [TwinLayout.File, .. more])).ShouldSucceed().Output);

        string target = _folder[Guid.NewGuid().ToString("N")];
        (await RunAsync(asked, "extract", [target, "--json", .. more])).ShouldSucceed();
        Assert.Equal(asked.Text, await File.ReadAllTextAsync(Path.Combine(target, "what.txt"), TestContext.Current.CancellationToken));

        Assert.Equal(asked.Digest.ToString(),
            (await RunAsync(asked, "inspect", ["--json", .. more])).Json.GetProperty("digest").GetString());
        Assert.Equal(asked.Digest.ToString(),
            (await RunAsync(asked, "platform", ["--json", .. more])).Json.GetProperty("chosen").GetString());

        JsonElement verified = (await RunAsync(asked, "verify", ["--json", .. more])).Json;
        Assert.Equal(asked.Digest.ToString(),
            Assert.Single(verified.GetProperty("images").EnumerateArray()).GetProperty("digest").GetString());
        Assert.True(verified.GetProperty("ok").GetBoolean());

        JsonElement linted = (await RunAsync(asked, "lint", ["--json", .. more])).Json;
        JsonElement inspected = (await RunAsync(asked, "inspect", ["--json", .. more])).Json;
        Assert.Equal(inspected.GetProperty("layers")[0].GetProperty("digest").GetString(),
            Assert.Single(linted.GetProperty("layers").EnumerateArray()).GetProperty("name").GetString());

        JsonElement copied = (await RunAsync(asked, "copy", [$"oci:{target}-copy:x", "--json", .. more])).Json;
        Assert.Equal(asked.Digest.ToString(), copied.GetProperty("digest").GetString());
    }

    private Task<CommandResult> RunAsync(Asked asked, string verb, params string[] more) =>
        RunAsync(asked.Folder, [verb, asked.Reference, .. more, .. asked.Options]);

    private Task<CommandResult> RunAsync(string folder, params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder[folder], new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });

    private sealed record Asked(string Folder, string Reference, string[] Options, string Text, Digest Digest, Digest Root);
}
