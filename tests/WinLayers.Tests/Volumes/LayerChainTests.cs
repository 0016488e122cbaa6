using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

public sealed class LayerChainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("winlayers-chain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadFile_WhatWasWritten_IsTheSame()
    {
        LayerChain parents = [Path.Combine(_folder, "b"), Path.Combine(_folder, "a")];
        parents.WriteFile(_folder);

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

    [Fact]
    public void Equals_SameFoldersInTheSameOrder_IsTheSameChain()
    {
        LayerChain chain = ["/b", "/a"];

        Assert.Equal<LayerChain>(["/b", "/a"], chain);
        Assert.Equal(LayerChain.Create("/b", "/a").GetHashCode(), chain.GetHashCode());
        Assert.False(chain.Equals(["/a", "/b"]));
        Assert.False(chain.Equals(["/b"]));
    }

    [Fact]
    public void Create_EmptyFolder_IsTheCallersMistake() => Assert.Throws<ArgumentException>(() => LayerChain.Create("/b", ""));
}
