using WinLayers.Formats;
using WinLayers.Linting;
using WinLayers.Testing;
using WinLayers.Writing;

namespace WinLayers.Tests.Linting;

public sealed class ImageLinterTests
{
    public static TheoryData<string, Func<LayerTar, LayerTar>> Wrong => new()
    {
        { "link-to-nothing", tar => tar.HardLink("Files/l", "Files/nowhere") },
        { "link-to-nothing", tar => tar.HardLink("Files/l", "Files/back") },
        { "link-to-directory", tar => tar.HardLink("Files/l", "Files/d") },
        { "whiteout-of-nothing", tar => tar.Whiteout("Files/nowhere") },
        { "shape-through-reparse-point", tar => tar.File("Files/j/x") },
        { "uvm-whiteout-of-nothing", tar => tar.Directory("UtilityVM").Whiteout("UtilityVM/Files/gone") },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void LintNext_UpperLayer_IsHeldAgainstTheLayersBelow(string rule, Func<LayerTar, LayerTar> build) =>
        Assert.Contains(LintTop(build(LayerTar.New())), finding => finding.Rule.Name == rule);

    [Fact]
    public void LintNext_SoundLinksAndWhiteouts_FindTheirTargetsInAnyLayerBelow()
    {
        LayerTar top =
            LayerTar.New().Directory("Files").HardLink("Files/l", "FILES/A").HardLink("Files/m", "Files/link").Whiteout("Files/d/x")
            .Whiteout("Files/mid")
            .Directory("UtilityVM").Whiteout("UtilityVM/Files/kept").Whiteout("UtilityVM/Files/new");

        Assert.DoesNotContain(LintTop(top),
            finding => finding.Rule.Name.StartsWith("link-", StringComparison.Ordinal)
            || finding.Rule.Name.Contains("whiteout", StringComparison.Ordinal));
    }

    private static List<LayerFinding> LintTop(LayerTar top)
    {
        LayerTar bottom = LayerTar.New().Directory("Files").File("Files/a").Directory("Files/d").File("Files/d/x").Directory("Hives")
            .Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/kept").File("UtilityVM/Files/gone");
        LayerTar middle =
            LayerTar.New().Directory("Files").File("Files/mid").HardLink("Files/link", "Files/a").File("Files/back").Whiteout("Files/back")
            .MountPoint("Files/j", @"\??\C:\x").Directory("UtilityVM").Directory("UtilityVM/Files").Whiteout("UtilityVM/Files/gone")
                .File("UtilityVM/Files/new");
        var linter = new ImageLinter();
        foreach (LayerTar layer in new[] { bottom, middle })
            Assert.DoesNotContain(linter.LintNext("below", new MemoryStream(layer.ToArray())),
                finding => finding.Severity is RuleSeverity.Error);
        return [.. linter.LintNext("top", new MemoryStream(top.ToArray()))];
    }
}
