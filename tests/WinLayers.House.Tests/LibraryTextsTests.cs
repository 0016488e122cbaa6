using System.Text.RegularExpressions;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>The library's texts name no option and no verb: programs use it that have neither.</summary>
public sealed partial class LibraryTextsTests
{
    [Fact]
    public void NoTextOfTheLibrary_NamesAnOptionOrAVerb()
    {
        string command = $"{Path.DirectorySeparatorChar}WinLayers.Cli{Path.DirectorySeparatorChar}";
        IEnumerable<string> found =
            from file in Repository.SourceFiles
            where !file.Contains(command, StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.AsSpan().TrimStart().StartsWith("//")
            from Match text in Text().Matches(line)
            where NamesTheCommand(text.Value)
            select $"{Path.GetFileName(file)}: {text.Value}";
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("\"give a store with --store\"", true)]
    [InlineData("\"--overwrite replaces it\"", true)]
    [InlineData("\"allowed (--limit)\"", true)]
    [InlineData("\"Check it: winlayers verify.\"", true)]
    [InlineData("\"winlayers.layer/1\"", false)]
    [InlineData("\"a - b -- c\"", false)]
    public void Search_FindsOptionsAndVerbs(string text, bool names) => Assert.Equal(names, NamesTheCommand(text));

    private static bool NamesTheCommand(string text) => OptionOrVerb().IsMatch(text);

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """, RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Text();

    [GeneratedRegex("(?<![A-Za-z0-9-])--[a-z]|winlayers [a-z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionOrVerb();
}
