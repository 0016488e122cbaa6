using System.Text.Json;
using WinLayers.IntegrationTests.Registry;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>Images in files: both kinds of archive answer every verb, and no file is lost to one.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly CommandRun _command = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData("docker-archive", "copy")]
    [InlineData("docker-archive", "sample")]
    [InlineData("docker-archive", "push")]
    [InlineData("oci-archive", "copy")]
    [InlineData("oci-archive", "sample")]
    [InlineData("oci-archive", "push")]
    public async Task AFileThatIsThere_IsReplacedOnlyWhenAskedTo(string transport, string verb)
    {
        string file = _command["precious.tar"];
        await File.WriteAllTextAsync(file, "precious", Token);
        (await _command.RunAsync("pull", "sample:")).ShouldSucceed();
        string[] arguments = verb == "sample" ? [verb, $"{transport}:{file}"] : [verb, "sample:", $"{transport}:{file}"];

        string line = (await _command.RunAsync(arguments)).ShouldFail();

        Assert.Contains("[WCL5025]", line, StringComparison.Ordinal);
        Assert.Contains("(--overwrite)", line, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file, Token));
        (await _command.RunAsync([.. arguments, "--overwrite"])).ShouldSucceed();
        Assert.Contains("app/app.exe",
            (await _command.RunAsync("ls", $"{transport}:{file}", "--recursive")).ShouldSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OciArchive_AnswersAsTheSampleDoes()
    {
        string archive = $"oci-archive:{_command["app.tar"]}:app";
        (await _command.RunAsync("copy", "sample:", archive)).ShouldSucceed();

        foreach (string[] question in new string[][] { ["ls", "--recursive", "--json"], ["inspect", "--raw"], ["inspect", "--config"],
            ["digest"], ["lint"] })
        {
            string expected = (await _command.RunAsync([question[0], "sample:", .. question[1..]])).ShouldSucceed().Output;
            string actual = (await _command.RunAsync([question[0], archive, .. question[1..]])).ShouldSucceed().Output;
            Assert.Equal(expected, actual.Replace(archive, "sample:default", StringComparison.Ordinal));
        }

        Assert.True((await _command.RunAsync("verify", archive, "--json")).Json.GetProperty("ok").GetBoolean());
        JsonElement unpacked = (await _command.RunAsync("unpack", archive, "--json")).Json;
        Assert.Equal(3, unpacked.GetProperty("chain").GetArrayLength());
        Assert.Equal((await _command.RunAsync("cat", "sample:", "app/app.exe")).Output,
            (await _command.RunAsync("cat", archive, "app/app.exe")).Output);
    }
}
