namespace WinLayers.IntegrationTests.Cli;

/// <summary>
/// The help pages are text files beside this test. After a change that is meant, run the tests with
/// WINLAYERS_UPDATE_HELP=1 and look at the difference.
/// </summary>
public sealed class HelpTests
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("WINLAYERS_UPDATE_HELP") == "1";

    public static TheoryData<string> Verbs() => new(
        "", "cat", "completion", "copy", "delete", "destroy", "digest", "doctor", "export", "extract", "gc", "grant-access", "help",
            "import", "inspect", "lint", "login", "logout", "ls",
            "platform", "pull", "push", "repair", "sample",
        "scratch", "scratch create", "scratch expand", "scratch mount", "scratch remove", "scratch unmount", "stage", "tags", "unpack",
            "uvm",
            "uvm locate", "uvm scratch", "verify", "version");

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_OfEveryVerb_IsAsRecorded(string verb)
    {
        CommandResult result = await WinLayersCommand.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        result.ShouldSucceed();
        Assert.Equal("", result.Error);
        // Examples are to be copied: they are never broken.
        Assert.All(result.OutputLines.Where(line => !line.StartsWith("  winlayers ", StringComparison.Ordinal)),
            line => Assert.InRange(line.Length, 0, 80));
        string file = (verb.Length == 0 ? "winlayers" : verb.Replace(' ', '-')) + ".txt";
        if (Update)
            await File.WriteAllTextAsync(Path.Combine(SourceFolder(), "help", file), result.Output, TestContext.Current.CancellationToken);
        else
            Assert.Equal(
                await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Cli", "help", file),
                TestContext.Current.CancellationToken), result.Output);
    }

    [Fact]
    public async Task Help_OfTheCommand_NamesEveryVerb()
    {
        CommandResult result = await WinLayersCommand.RunAsync("--help");

        string[] topLevel = [.. Verbs().Select(row => (string)row.Data).Where(v => v.Length > 0 && !v.Contains(' '))];
        Assert.All(topLevel, verb => Assert.Contains(result.OutputLines, line => line.StartsWith($"  {verb} ", StringComparison.Ordinal)));
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "") =>
        Path.GetDirectoryName(thisFile)!;
}
