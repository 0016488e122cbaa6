using WinLayers.Portable;
using WinLayers.Testing;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

public sealed class FarLinkTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    // More folders on the way to the target than stay open at once: the folder of the link has to stay all the same.
    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Link_ToATargetDeeperThanFoldersStayOpen_IsMadeInItsOwnFolder(int depth)
    {
        string deep = "Files" + string.Concat(Enumerable.Repeat("\\d", depth));
        using PortableTree tree = _layers.Make("a", volume =>
        {
            volume.Dir("Files").Dir("Files\\near");
            for (int level = 1; level <= depth; level++)
                volume.Dir("Files" + string.Concat(Enumerable.Repeat("\\d", level)));
            volume.File($"{deep}\\target", "text");

            // Others, so that no folder on the way is open any more.
            for (int i = 0; i < 70; i++)
                volume.Dir($"Files\\other{i}").File($"Files\\other{i}\\f");
            volume.Link("Files\\near\\link", $"{deep}\\target");
        });

        Assert.Equal("text", tree.Text("Files\\near\\link"));
        Assert.Equal(tree.LookAt(P($"{deep}\\target"))!.Value.FileId, tree.LookAt(P("Files\\near\\link"))!.Value.FileId);
        Assert.Equal("text", File.ReadAllText(Path.Combine(tree.Location, "Files", "near", "link")));
    }
}
