using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Storage;

/// <summary>A file that a layer shares with one below it.</summary>
public sealed class LinkedLayerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("winlayers-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verify_CopyInThePlaceOfALinkIntoALowerLayer_IsNamed(bool inUpper)
    {
        (LayerStore store, StoredLayer lower, StoredLayer upper) = await MakeAsync();
        Assert.Empty((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop)).Problems);

        // The same bytes under the same name, in a file of its own.
        string file = inUpper ? Path.Combine(upper.Folder, "Files", "l") : Path.Combine(lower.Folder, "Files", "a");
        File.Delete(file);
        File.WriteAllText(file, "hello");

        LayerProblem problem = Assert.Single((await store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Stop)).Problems);
        Assert.Equal((LayerProblemKind.LinkBroken, "Files\\l"), (problem.Kind, problem.Path));
        Assert.Contains($"a link to 'Files\\a' of the layer {lower.Identity.ChainId}", problem.Detail, StringComparison.Ordinal);
    }

    private async Task<(LayerStore Store, StoredLayer Lower, StoredLayer Upper)> MakeAsync()
    {
        LayerStore store = await LayerStore.OpenAsync(Path.Combine(_root, "store"), Stop);
        LayerIdentity below = TestLayers.Identity("below"), above = TestLayers.Identity("above") with { ParentChainId = below.ChainId };
        StoredLayer lower = await CommitAsync(store, below, volume => volume.Dir("Files").File("Files\\a", "hello"));
        using PortableTree tree = PortableTree.Open(lower.Folder);
        StoredLayer upper = await CommitAsync(store, above, volume => volume.Dir("Files").Link("Files\\l", "Files\\a", tree));
        return (store, lower, upper);
    }

    private static async Task<StoredLayer> CommitAsync(LayerStore store, LayerIdentity identity, Action<PortableVolume> fill)
    {
        using PendingLayer pending = (await store.BeginLayerAsync(identity.ChainId, identity.ParentChainId, Stop))!;
        using (var volume = new PortableVolume(pending.Folder, identity))
        {
            fill(volume);
            volume.Complete();
        }

        return pending.Commit("portable", identity);
    }
}
