using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class LayerFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LayerFolderKind.Plain)]
    [InlineData(LayerFolderKind.Plain, "Files/a")]
    [InlineData(LayerFolderKind.Plain, "Hives/")]
    [InlineData(LayerFolderKind.Plain, "layerchain.json")]
    [InlineData(LayerFolderKind.Plain, "oci-layout", "blobs/")]
    [InlineData(LayerFolderKind.Plain, "layer.jsonl/")]
    [InlineData(LayerFolderKind.Portable, "layer.jsonl")]
    [InlineData(LayerFolderKind.Portable, "layer.jsonl", "stored.json", "Files/a", "Hives/", "layerchain.json")]
    [InlineData(LayerFolderKind.Hcs, "Files/a", "Hives/")]
    [InlineData(LayerFolderKind.Hcs, "Files/a", "blank.vhdx")]
    [InlineData(LayerFolderKind.Hcs, "Files/a", "layerchain.json")]
    [InlineData(LayerFolderKind.Transport, "Files/a", "Hives/", "Files.$wcidirs$")]
    [InlineData(LayerFolderKind.Transport, "Files/a", "Files.$wcidirs$", "tombstones.txt")]
    [InlineData(LayerFolderKind.Scratch, "sandbox.vhdx", "layerchain.json")]
    [InlineData(LayerFolderKind.Scratch, "scratch.json")]
    [InlineData(LayerFolderKind.Store, "oci-layout", "layers/", "images/")]
    public void Identify_ByTheNamesInTheFolder(LayerFolderKind kind, params string[] contents)
    {
        string folder = Path.Combine(_folder.FolderPath, "layer");
        Directory.CreateDirectory(folder);
        foreach (string name in contents)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!name.EndsWith('/'))
                File.WriteAllText(path, "[]");
        }

        Assert.Equal(kind, LayerFolder.Identify(folder));
    }

    [Fact]
    public void Identify_ChainThatIsNone_IsNoMark()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FolderPath, "Files"));
        File.WriteAllText(Path.Combine(_folder.FolderPath, "layerchain.json"), "[\"relative\"]");

        Assert.Equal(LayerFolderKind.Plain, LayerFolder.Identify(_folder.FolderPath));
    }

    [Fact]
    public void Identify_NothingThere_IsNone() =>
        Assert.Equal(LayerFolderKind.None, LayerFolder.Identify(Path.Combine(_folder.FolderPath, "nowhere")));
}
