namespace WinLayers.IntegrationTests.Cli;

public sealed class FrameTests
{
    [Fact]
    public async Task Version_IsOneLine()
    {
        CommandResult result = await WinLayersCommand.RunAsync("--version");

        Assert.Matches(@"^winlayers \d+\.\d+\.\d+\S*\n$", result.ShouldSucceed().Output);
    }

    [Fact]
    public async Task NoVerb_ShowsTheHelp()
    {
        CommandResult nothing = await WinLayersCommand.RunAsync();
        CommandResult help = await WinLayersCommand.RunAsync("--help");

        Assert.Equal(help.Output, nothing.ShouldSucceed().Output);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("completion")]
    [InlineData("completion", "tcsh")]
    [InlineData("completion", "bash", "zsh")]
    [InlineData("completion", "bash", "--frobnicate")]
    public async Task WrongUsage_IsOneLineAndExitCode2(params string[] arguments)
    {
        CommandResult result = await WinLayersCommand.RunAsync(arguments);

        result.ShouldBeWrongUsage();
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _winlayers winlayers")]
    [InlineData("zsh", "#compdef winlayers")]
    [InlineData("fish", "complete -c winlayers")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_PrintsAScript(string shell, string expected)
    {
        CommandResult result = await WinLayersCommand.RunAsync("completion", shell);

        Assert.Contains(expected, result.ShouldSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_AVerbsBeginning_GivesTheVerb()
    {
        CommandResult result = await WinLayersCommand.RunAsync("complete", "14", "winlayers compl");

        Assert.Equal(["completion"], result.ShouldSucceed().OutputLines);
    }
}
