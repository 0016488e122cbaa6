using WinLayers.Formats;
using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class LayerChainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-chain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ToLayerData_NamesTheLayersAsTheHostWantsThem() => Assert.Equal(
        """{"SchemaVersion":{"Major":2,"Minor":1},"Layers":[{"Id":"01234567-89ab-cdef-0123-456789abcdef","Path":"C:\\l"}]}""",
        new LayerChain([new ChainLayer(Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"), @"C:\l")]).ToLayerData());

    [Fact]
    public void ToLayerData_OfNoLayers_LeavesThemOut() =>
        Assert.Equal("""{"SchemaVersion":{"Major":2,"Minor":1}}""", new LayerChain([]).ToLayerData());

    [Fact]
    public void ReadFile_WhatWasWritten_IsTheSame()
    {
        string[] parents = [Path.Combine(_folder, "b"), Path.Combine(_folder, "a")];
        LayerChain.WriteFile(_folder, parents);

        Assert.Equal(parents, LayerChain.ReadFile(_folder));
    }

    [Theory]
    [InlineData("null", true)]
    [InlineData("[]", true)]
    [InlineData("{}", false)]
    [InlineData("[null]", false)]
    [InlineData("[\"relative\"]", false)]
    [InlineData("[\"/a\\u0000b\"]", false)]
    [InlineData("[\"/\\ud800\"]", false)]
    public void ReadFile_TakesListsOfAbsolutePathsAlone(string json, bool accepted)
    {
        File.WriteAllText(Path.Combine(_folder, LayerChain.FileName), json);

        if (accepted)
            Assert.Empty(LayerChain.ReadFile(_folder)!);
        else
            Assert.Throws<LayerChainException>(() => LayerChain.ReadFile(_folder));
    }

    [Fact]
    public void ReadFile_WhereThereIsNone_IsNull() => Assert.Null(LayerChain.ReadFile(_folder));
}
