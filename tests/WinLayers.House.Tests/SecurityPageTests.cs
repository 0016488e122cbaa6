using System.Text.RegularExpressions;
using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>Every test that docs/security.md names is there.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void EveryTestThatThePageNames_IsThere()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));
        string[] sources =
            [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Test*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)];
        var named = TestName().Matches(page).Select(match => (Class: match.Groups["class"].Value, Method: match.Groups["method"].Value))
            .ToList();
        Assert.True(named.Count > 50, $"The page names {named.Count} tests.");
        Assert.All(named, test => Assert.Contains(sources, source =>
            source.Contains($" class {test.Class}", StringComparison.Ordinal)
                && source.Contains($" {test.Method}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();
}
