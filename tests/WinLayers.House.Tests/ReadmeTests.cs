using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>What the README shows is what there is.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void TheProgram_IsTheSampleThatTheBuildCompiles()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");
        string sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "Unpack", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{sample}```", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryLink_LeadsToAFile()
    {
        string[] pages =
            ["README.md", "CONTRIBUTING.md", "SECURITY.md",
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories)];
        var broken =
            from page in pages
            let path = Path.Combine(Repository.Root, page)
            from part in File.ReadAllText(path).Split("](").Skip(1)
            let target = part.Split(')', '#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target))
            select $"{page}: {target}";
        Assert.Empty(broken);
    }
}
