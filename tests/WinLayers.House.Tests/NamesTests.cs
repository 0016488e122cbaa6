using WinLayers.Testing;

namespace WinLayers.House.Tests;

/// <summary>Names that tell what a folder is are spelled once: two spellings of one name part sooner or later.</summary>
public sealed class NamesTests
{
    [Theory]
    [InlineData("Files", "LayerRoots.cs")]
    [InlineData("Hives", "LayerRoots.cs")]
    [InlineData("UtilityVM", "LayerRoots.cs")]
    [InlineData("layer.jsonl", "LayerFolderNames.cs")]
    [InlineData("stored.json", "LayerFolderNames.cs")]
    [InlineData("scratch.json", "LayerFolderNames.cs")]
    [InlineData("tombstones.txt", "LayerFolderNames.cs")]
    [InlineData("sandbox.vhdx", "LayerFolderNames.cs")]
    [InlineData("blank.vhdx", "LayerFolderNames.cs")]
    [InlineData("layerchain.json", "LayerChain.cs")]
    [InlineData("oci-layout", "BlobStore.cs")]
    public void NameOfAFolderOrFile_IsSpelledInOnePlace(string name, string home) =>
        Assert.Equal([home], FilesWith($"\"{name}\""));

    [Fact]
    public void PathBelowTheUtilityVm_IsDerivedFromTheRoots() =>
        Assert.Empty(FilesWith("Parse(\"UtilityVM").Concat(FilesWith("@\"UtilityVM")).Concat(FilesWith("Parse(\"Files")));

    // Not in comments: the documentation of a parameter quotes its name.
    private static IEnumerable<string> FilesWith(string literal) =>
        Repository.SourceFiles
            .Where(file =>
                File.ReadLines(file)
                .Any(line => line.Contains(literal, StringComparison.Ordinal)
                && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            .Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal);
}
