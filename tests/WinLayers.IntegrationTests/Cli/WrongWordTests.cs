using System.Text.Json;

namespace WinLayers.IntegrationTests.Cli;

/// <summary>The word that is wrong is the one that is blamed, and what may have been meant is offered.</summary>
public sealed class WrongWordTests
{
    [Theory]
    [InlineData("there is no verb 'unpak'; did you mean 'unpack'?", "unpak", "sample:")]
    [InlineData("there is no verb 'inpsect'; did you mean 'inspect'?", "inpsect")]
    [InlineData("there is no verb 'frobnicate' [", "frobnicate")]
    [InlineData("there is no verb 'creat'; did you mean 'create'?", "scratch", "creat", "x")]
    [InlineData("there is no option '--bogus' [", "ls", "--bogus")]
    [InlineData("there is no option '--bogus' [", "ls", "sample:", "--bogus")]
    [InlineData("there is no option '--bogus' [", "unpack", "--bogus", "sample:")]
    [InlineData("there is no option '-a' (in '-la')", "ls", "-la")]
    [InlineData("there is no option '-a' (in '-la')", "ls", "sample:", "-la")]
    [InlineData("there is no option '--dry-run' [", "pull", "--dry-run", "x/y:z")]
    [InlineData("there is no option '--dry-run' [", "unpack", "x/y:z", "--dry-run")]
    [InlineData("there is no option '--plattform'; did you mean '--platform'?", "unpack", "x/y:z", "--plattform", "windows/amd64")]
    [InlineData("there is no option '--jsn'; did you mean '--json'?", "verify", "--jsn")]
    [InlineData("there is no option '--recursiv'; did you mean '--recursive'?", "ls", "sample:", "--recursiv=yes")]
    [InlineData("REF is missing", "unpack")]
    [InlineData("'b' is one word too many", "unpack", "sample:", "b")]
    [InlineData("a verb is missing", "scratch")]
    public async Task WrongWord_IsTheOneThatIsBlamed(string expected, params string[] arguments)
    {
        string line = (await WinLayersCommand.RunAsync(arguments)).ShouldBeWrongUsage();

        Assert.StartsWith($"winlayers: {expected}", line, StringComparison.Ordinal);
        Assert.Contains("[WCL1910]", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WordAfterTwoDashes_IsNoOption() =>
        Assert.Contains("'--bogus'", (await WinLayersCommand.RunAsync("lint", "--", "--bogus")).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("ls")]
    [InlineData("scratch", "create")]
    [InlineData("scratch")]
    public async Task HelpVerb_IsTheHelpOfTheVerb(params string[] verb)
    {
        CommandResult help = await WinLayersCommand.RunAsync([.. verb, "--help"]);

        Assert.Equal(help.Output, (await WinLayersCommand.RunAsync(["help", .. verb])).ShouldSucceed().Output);
    }

    [Fact]
    public async Task Version_IsAVerbToo()
    {
        string version = (await WinLayersCommand.RunAsync("--version")).ShouldSucceed().Output;

        Assert.Equal(version, (await WinLayersCommand.RunAsync("version")).ShouldSucceed().Output);
        Assert.Equal(version,
            $"winlayers {(await WinLayersCommand.RunAsync("version", "--json")).Json.GetProperty("version").GetString()}\n");
        Assert.Contains("'helpp'; did you mean 'help'?", (await WinLayersCommand.RunAsync("helpp")).ShouldBeWrongUsage(),
            StringComparison.Ordinal);
        Assert.Contains("no verb 'lss'", (await WinLayersCommand.RunAsync("help", "lss")).ShouldBeWrongUsage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "WCL1904", "ls", "sample:", "nothing", "--json")]
    [InlineData(1, "WCL5001", "unpack", "oci:/nowhere/at/all", "--json")]
    [InlineData(1, "WCL1902", "verify", "--store", "/nowhere/at/all", "--json")]
    [InlineData(2, "WCL1910", "ls", "--bogus", "--json")]
    [InlineData(2, "WCL1910", "frobnicate", "--json")]
    [InlineData(2, "WCL1910", "platform", "sample:", "--isolation", "hyperv", "--json")]
    [InlineData(2, "WCL1001", "inspect", "oci:", "--json")]
    public async Task Json_ErrorIsOneObject_AndStdoutIsEmpty(int exitCode, string code, params string[] arguments)
    {
        CommandResult result = await WinLayersCommand.RunAsync(arguments);

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        using var document = JsonDocument.Parse(Assert.Single(result.ErrorLines));
        JsonElement error = Assert.Single(document.RootElement.EnumerateObject()).Value;
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(["code", "message", "remedy"],
            error.EnumerateObject().Select(field => field.Name).Append("remedy").Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Json_AnswerNo_IsADocumentAlone()
    {
        CommandResult result = await WinLayersCommand.RunAsync("platform", "sample:", "--host", "ltsc2019", "--json");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        using var document = JsonDocument.Parse(result.Output);
        Assert.False(document.RootElement.TryGetProperty("chosen", out _));
    }
}
