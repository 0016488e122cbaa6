using WinLayers.IntegrationTests.Registry;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Cli;

/// <summary><c>extract REF -</c>: a plain tar for other tools.</summary>
public sealed class ExtractTarTests : IDisposable
{
    private readonly CommandRun _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Tar_HoldsWhatLsNames_PackedAndUnpacked()
    {
        string tar = ExternalTool.Require("tar");
        string shell = ExternalTool.Require("sh", "dash");
        string[] listed = (await _command.RunAsync("ls", "sample:", "/", "--recursive")).ShouldSucceed().OutputLines;

        string[] packed = await NamesAsync("packed.tar");
        (await _command.RunAsync("unpack", "sample:")).ShouldSucceed();
        string[] unpacked = await NamesAsync("unpacked.tar");

        // What is listed with an arrow is a reparse point, which a plain tar leaves out.
        string[] expected = [.. listed.Where(line => !line.Contains(" → ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, packed);
        Assert.Equal(expected, unpacked);

        await ToolProcess.RunAsync(tar, "-xf", _command["packed.tar"], "-C", Directory.CreateDirectory(_command["out"]).FullName);
        (await _command.RunAsync("extract", "sample:", _command["folder"])).ShouldSucceed();
        await ToolProcess.RunAsync(shell, "-c", $"diff -r '{_command["out"]}/Files' '{_command["folder"]}'");

        async Task<string[]> NamesAsync(string file)
        {
            string error = await ToolProcess.RunAsync(shell, "-c",
                $"WINLAYERS_STORE='{_command.Store}' '{WinLayersCommand.Program}' extract sample: - 2>&1 >'{_command[file]}'");
            Assert.Single(error.Split('\n'), line => line.StartsWith("a plain tar has no place for ", StringComparison.Ordinal));
            return [.. (await ToolProcess.RunAsync(tar, "-tf", _command[file], "--quoting-style=literal"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task Tar_FurtherNamesOfAFile_AreHardLinks()
    {
        string tar = ExternalTool.Require("tar");
        string shell = ExternalTool.Require("sh", "dash");
        string listing = await ToolProcess.RunAsync(shell, "-c",
            $"WINLAYERS_STORE='{_command.Store}' '{WinLayersCommand.Program}' extract sample: - --quiet | '{tar}' -tvf -");

        Assert.Contains(listing.Split('\n'), line => line.StartsWith('h') && line.Contains(" link to Files/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tar_WhoseReaderStops_IsNoFailure()
    {
        string shell = ExternalTool.Require("bash");
        Assert.Equal("0\n", await ToolProcess.RunAsync(shell, "-c",
            $"WINLAYERS_STORE='{_command.Store}' '{WinLayersCommand.Program}' extract sample: - --quiet " +
                "| head -c 1 > /dev/null; echo ${PIPESTATUS[0]}"));
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--overwrite")]
    public async Task Tar_WithAnOptionThatMeansNothing_IsWrongUsage(string option)
    {
        CommandResult result = await _command.RunAsync("extract", "sample:", "-", option);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"leaves no room for {option}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tar_ToATerminal_IsRefused()
    {
        string script = ExternalTool.Require("script", "bsdutils");
        string output = await ToolProcess.RunAsync(script, "-qec",
            $"WINLAYERS_STORE='{_command.Store}' '{WinLayersCommand.Program}' extract sample: - ; echo code $?", "/dev/null");

        Assert.Contains("standard output is a terminal", output, StringComparison.Ordinal);
        Assert.Contains("code 2", output, StringComparison.Ordinal);
    }
}
