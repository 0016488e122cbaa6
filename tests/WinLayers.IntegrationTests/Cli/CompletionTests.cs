using System.Diagnostics;
using System.Globalization;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>What a shell offers: only what begins with the word, images of the store and of layouts, files.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwinLayout.Entry _image;

    public CompletionTests()
    {
        var layout = new TwinLayout(_folder["layout"]);
        _image = layout.Image("one");
        layout.Name("first", _image).Name("second", layout.Image("two"));
        File.WriteAllText(_folder["layer.tar"], "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("unp", "unpack")]
    [InlineData("s", "sample", "scratch", "stage")]
    [InlineData("scratch cr", "create")]
    [InlineData("ls --rec", "--recursive")]
    [InlineData("platform sample: --iso", "--isolation")]
    [InlineData("platform sample: --isolation h", "hyperv")]
    [InlineData("completion f", "fish")]
    [InlineData("help ver", "verify", "version")]
    [InlineData("unpack oc", "oci:", "oci-archive:")]
    [InlineData("unpack sam", "sample:", "sample:large")]
    [InlineData("unpack oci:lay", "oci:layout/")]
    [InlineData("unpack oci:layout:", "oci:layout:first", "oci:layout:second")]
    [InlineData("cat oci:layout:f", "oci:layout:first")]
    [InlineData("unpack docker-archive:la", "docker-archive:layer.tar", "docker-archive:layout/")]
    [InlineData("stage lay", "layer.tar", "layout/")]
    [InlineData("copy sample: docker-a", "docker-archive:")]
    [InlineData("verify --store lay", "layer.tar", "layout/")]
    [InlineData("frob")]
    public async Task Complete_OffersWhatBeginsWithTheWord(string typed, params string[] expected) =>
        Assert.Equal(expected, await CompleteAsync(typed));

    [Fact]
    public async Task Complete_KnowsTheImagesOfTheStore()
    {
        (await RunAsync("pull", "oci:layout:first")).ShouldSucceed();

        Assert.Equal([$"oci:{_folder["layout"]}:first"], await CompleteAsync($"cat oci:{_folder["layout"]}:f"));
        Assert.Equal([_image.Digest.ToString()], await CompleteAsync("destroy sha256:"));
    }

    [Fact]
    public async Task Bash_TakesTheAnswersBehindAColon()
    {
        if (!File.Exists("/bin/bash"))
            Assert.Skip("no bash");
        string script = (await RunAsync("completion", "bash")).ShouldSucceed().Output;
        var start = new ProcessStartInfo("/bin/bash")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($$"""
            winlayers() { '{{WinLayersCommand.Program}}' "$@"; }
            {{script}}
            COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
            COMP_LINE='winlayers cat oci:layout:s' COMP_POINT=26
            _winlayers
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        start.Environment["WINLAYERS_STORE"] = _folder["store"];
        using Process shell = Process.Start(start)!;

        CommandResult result = await WinLayersCommand.FinishAsync(
            shell, shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
                shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));

        Assert.Equal(["second"], result.ShouldSucceed().OutputLines);
    }

    private async Task<string[]> CompleteAsync(string typed)
    {
        string line = $"winlayers {typed}";
        return (await RunAsync("complete", line.Length.ToString(CultureInfo.InvariantCulture), line)).ShouldSucceed().OutputLines;
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WinLayersCommand.RunAsync(
        arguments, _folder.Path, new Dictionary<string, string>(StringComparer.Ordinal) { ["WINLAYERS_STORE"] = _folder["store"] });
}
