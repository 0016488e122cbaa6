using WinLayers.Storage;
using WinLayers.Testing;

namespace WinLayers.Windows.Tests;

/// <summary>What is a layer of Windows beyond doubt; it is told on any system.</summary>
public sealed class HcsLayerFormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DestroyObstacle.None, "Files/a", "Hives/", "blank.vhdx", "blank-base.vhdx", "layout", "UtilityVM/", "bcd.bak")]
    [InlineData(DestroyObstacle.None, "Files/a", "Hives/")]
    [InlineData(DestroyObstacle.None, "Files/a", "blank.vhdx")]
    [InlineData(DestroyObstacle.None, "Files/a", "layerchain.json")]
    [InlineData(DestroyObstacle.NotALayer, "Files/a")]
    [InlineData(DestroyObstacle.NotALayer, "blank.vhdx")]
    [InlineData(DestroyObstacle.HoldsOther, "Files/a", "Hives/", "src/a.cs")]
    [InlineData(DestroyObstacle.HoldsOther, "Files.$wcidirs$", "Files/", "Hives/")]
    public async Task Look_FolderOfWindows(DestroyObstacle obstacle, params string[] contents)
    {
        string layer = _folder["layer"];
        foreach (string name in contents)
        {
            string path = Path.Combine(layer, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!name.EndsWith('/'))
                await File.WriteAllTextAsync(path, "[]", TestContext.Current.CancellationToken);
        }

        DestroyCheck check = await DestroyCheck.LookAsync(layer, [HcsLayerForm.Instance], TestContext.Current.CancellationToken);

        Assert.Equal(obstacle, check.Obstacle);
        Assert.Equal(obstacle == DestroyObstacle.NotALayer ? null : "hcs", check.Host);
    }
}
