using WinLayers.Formats.Names;

namespace WinLayers.Formats.Tests.Names;

public sealed class NameTreeTests
{
    private readonly NameTree<int> _tree = new(root: 7);

    [Fact]
    public void Item_BelongsToTheName_WhateverItsLetterCase()
    {
        int node = _tree.Add(NameTree.Root, "Änderung", 1);
        _tree[_tree.Find(NameTree.Root, "äNDERUNG")]++;

        Assert.Equal(2, _tree[node]);
        Assert.Equal(7, _tree[NameTree.Root]);
    }

    [Fact]
    public void Item_StaysWithItsName_WhileTheTreeGrowsAndShrinks()
    {
        const int count = 10_000;
        ref int first = ref _tree[_tree.Add(NameTree.Root, "first", -1)];
        for (int i = 0; i < count; i++)
            _tree.Add(NameTree.Root, $"name {i}", i);
        for (int i = 0; i < count; i += 2)
            _tree.Retire(_tree.Find(NameTree.Root, $"NAME {i}"));
        first = -2;

        Assert.Equal(-2, _tree[_tree.Find(NameTree.Root, "first")]);
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(i % 2 == 0 ? null : i, ItemAt($"name {i}")));
    }

    [Fact]
    public void FindOrAdd_MakesWhatIsMissing_AndNothingTwice()
    {
        int node = _tree.FindOrAdd(LayerPath.Parse("Files/a/b"));

        Assert.Equal(node, _tree.FindOrAdd(LayerPath.Parse("FILES/A/B")));
        Assert.Equal("Files\\a\\b", _tree.PathOf(node));
        Assert.Equal(NameTree.Root, _tree.FindOrAdd(LayerPath.Root));
        Assert.Equal(4, _tree.Count);
    }

    [Fact]
    public void Add_OfANameThatWasRetired_StartsWithItsOwnItemAndNoChildren()
    {
        int before = _tree.Add(NameTree.Root, "a", 1);
        _tree.Add(before, "child", 2);
        _tree.Retire(before);
        int after = _tree.Add(NameTree.Root, "A");

        Assert.Equal(0, _tree[after]);
        Assert.False(_tree.HasChildren(after));
        Assert.Equal(NameTree.None, _tree.Find(LayerPath.Parse("a/child")));
    }

    [Fact]
    public void Walk_GivesEachDirectoryBeforeItsChildren_ByName()
    {
        foreach (string path in (string[])["b/z", "b/a", "a", "c/d/e", "B/m", "c/d"])
            _tree.FindOrAdd(LayerPath.Parse(path));
        _tree.Retire(_tree.Find(LayerPath.Parse("b/m")));

        Assert.Equal(["a", "b", "b\\a", "b\\z", "c", "c\\d", "c\\d\\e"], _tree.Walk(NameTree.Root).Select(node => _tree.PathOf(node)));
    }

    // More directories than are remembered, found in turn, some of them gone and made anew meanwhile.
    [Fact]
    public void Find_InManyDirectoriesInTurn_IsWhatStandsThereNow()
    {
        const int directories = 300;
        string deep = string.Concat(Enumerable.Repeat("/d", 40));
        LayerPath[] files = [.. Enumerable.Range(0, directories).Select(i => LayerPath.Parse($"{i}{deep}/f"))];
        foreach (LayerPath file in files)
            _tree[_tree.FindOrAdd(file)] = 1;
        for (int round = 2; round < 5; round++)
        {
            Assert.All(files, file => Assert.Equal(round - 1, _tree[_tree.Find(file)]));
            for (int i = 0; i < directories; i += 7)
                _tree.Retire(_tree.Find(LayerPath.Parse($"{i}/d/d")));
            for (int i = 0; i < directories; i++)
            {
                Assert.Equal(i % 7 == 0, _tree.Find(files[i]) == NameTree.None);
                Assert.Equal(i % 7 == 0, _tree.FindParent(files[i]) == NameTree.None);
                _tree[_tree.FindOrAdd(files[i])] = round;
            }
        }
    }

    private int? ItemAt(string name) => _tree.Find(NameTree.Root, name) is var node and not NameTree.None ? _tree[node] : null;
}
