using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Tests.Views;

public sealed class LayerSummaryTests : IDisposable
{
    private const string Boot = "UtilityVM\\Files\\EFI\\Microsoft\\Boot";

    private readonly TestLayers _layers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Of_Listing_CountsEveryKind()
    {
        using PortableTree tree = _layers.Make("a", volume => volume.Dir("Files").File("Files\\a", "12345").Link("Files\\b", "Files\\a"));

        LayerSummary found = LayerSummary.Of(tree, new PortableListing(tree), Token);

        Assert.Equal(new LayerSummary("portable", Files: 1, Directories: 1, Links: 1, Removals: 0, Bytes: 5, UtilityVm: null), found);
    }

    [Fact]
    public void Of_FolderAlone_CountsNames_AndKnowsNoLinks()
    {
        string folder = _layers.Folder("windows");
        foreach (string directory in (string[])["Files/sub", "Hives", "other"])
            Directory.CreateDirectory(Path.Combine(folder, directory));
        File.WriteAllText(Path.Combine(folder, "Files", "sub", "a"), "12345");
        File.WriteAllText(Path.Combine(folder, "other", "b"), "not a layer's");
        using FolderTree tree = new(folder);

        LayerSummary found = LayerSummary.Of(tree, listing: null, Token);

        Assert.Equal(new LayerSummary("windows", Files: 1, Directories: 3, Links: null, Removals: null, Bytes: 5, UtilityVm: null), found);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Of_UtilityVm_BootsWithItsBootManager(bool hasManager, bool isBootable)
    {
        using PortableTree tree = _layers.Make("a", volume =>
        {
            foreach (string directory in (string[])["UtilityVM", "UtilityVM\\Files", "UtilityVM\\Files\\EFI",
                "UtilityVM\\Files\\EFI\\Microsoft", Boot])
                volume.Dir(directory);
            if (hasManager)
                volume.File($"{Boot}\\bootmgfw.efi", "x");
        });

        Assert.Equal(isBootable, LayerSummary.Of(tree, new PortableListing(tree), Token).UtilityVm!.IsBootable);
    }
}
