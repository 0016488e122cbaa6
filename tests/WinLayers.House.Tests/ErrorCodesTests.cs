using System.Reflection;
using System.Text.RegularExpressions;
using WinLayers.Formats;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>docs/errors.md lists every code, and the rules of layers as the source has them.</summary>
public sealed partial class ErrorCodesTests
{
    private const string Start = "<!-- rules: written from the source; a test compares -->\n";
    private const string End = "<!-- end of rules -->";

    private static string Page => Path.Combine(Repository.Root, "docs", "errors.md");

    [Fact]
    public void EveryCodeOfTheSource_IsOnThePage()
    {
        string page = File.ReadAllText(Page);
        var missing =
            from file in Repository.SourceFiles
            from Match match in Code().Matches(File.ReadAllText(file))
            where !page.Contains(match.Value, StringComparison.Ordinal)
            select $"{match.Value} of {Path.GetFileName(file)}";
        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void EveryRule_StandsOnThePageAsInTheSource()
    {
        string page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        int to = page.IndexOf(End, StringComparison.Ordinal);
        string table = RulesTable();
        if (Environment.GetEnvironmentVariable("WINLAYERS_REGENERATE") == "1")
            File.WriteAllText(Page, page[..from] + table + page[to..]);
        else
            Assert.Equal(table, page[from..to]);
    }

    [Fact]
    public void NoTwoRules_ShareACodeOrAName()
    {
        Assert.Equal(Rules().Count, Rules().Select(rule => rule.Code).Distinct().Count());
        Assert.Equal(Rules().Count, Rules().Select(rule => rule.Name).Distinct().Count());
    }

    private static string RulesTable() =>
        "| code | rule | | what it asks | what to do |\n|---|---|---|---|---|\n"
        + string.Concat(Rules().Select(rule =>
            $"| {rule.Code} | `{rule.Name}` | {rule.Severity.ToString().ToLowerInvariant()} | " +
                $"{Cell(rule.Summary)} | {Cell(rule.Remedy)} |\n"));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static List<LayerRule> Rules() =>
        [.. Repository.Packages
            .SelectMany(package => package.GetTypes())
            .SelectMany(type => type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(property => property.PropertyType == typeof(LayerRule))
            .Select(property => (LayerRule)property.GetValue(null)!)
            .OrderBy(rule => rule.Code, StringComparer.Ordinal)];

    [GeneratedRegex("WCL[0-9]{4}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
