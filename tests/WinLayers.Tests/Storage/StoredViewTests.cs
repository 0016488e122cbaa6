using WinLayers.Formats.Names;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

public sealed class StoredViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_LayersOfTheHost_AreListedFromTheirFolders()
    {
        LayerStore store = await LayerStore.OpenAsync(_folder["store"], Token);
        LayerIdentity identity = await MakeAsync(store, "portable");

        using ImageView view = StoredView.Open(store, "image", identity.ChainId, PortableLayerHost.Instance)!;

        Assert.Equal("image", view.Name);
        Assert.True(Assert.Single(view.Layers).IsUnpacked);
        Assert.NotNull(view.Merge(cancellationToken: Token).Find(LayerPath.Parse("Files/a.txt")));
    }

    [Fact]
    public async Task Open_LayerOfAnotherHost_IsNotOpened()
    {
        LayerStore store = await LayerStore.OpenAsync(_folder["store"], Token);
        LayerIdentity identity = await MakeAsync(store, "hcs");

        Assert.Null(StoredView.Open(store, "image", identity.ChainId, PortableLayerHost.Instance));
    }

    private static async Task<LayerIdentity> MakeAsync(LayerStore store, string host)
    {
        LayerIdentity identity = TestLayers.Identity("a");
        using PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Token))!;
        using (PortableVolume volume = new(pending.Folder, identity))
        {
            volume.Dir("Files").File("Files\\a.txt", "text");
            volume.Complete();
        }

        pending.Commit(host, identity);
        return identity;
    }
}
