using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;

namespace WinLayers.Tests.Storage;

public sealed class StoreProbesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Look_NoStore_IsFine_AndMakesNone()
    {
        Diagnosis found = Assert.Single(await LookAsync());

        Assert.Equal(("store", DiagnosisResult.Fine), (found.Name, found.Result));
        Assert.False(Directory.Exists(_folder["store"]));
    }

    [Fact]
    public async Task Look_Store_CountsWhatIsThere_AndWhatIsLeft()
    {
        LayerStore store = await LayerStore.OpenAsync(_folder["store"], Token);
        byte[] blob = [1, 2, 3];
        await store.Blobs.PutAsync(ImageFixture.DigestOf(blob), blob, Token);
        Directory.CreateDirectory(Path.Combine(store.Root, "tmp", "removed-1"));

        IReadOnlyList<Diagnosis> found = await LookAsync();

        Assert.Equal(new StoreDiagnosis(_folder["store"], Images: 0, Layers: 0, Blobs: 1, BlobBytes: 3), found[0]);
        Assert.Equal(new LeftoversDiagnosis(Count: 1, IsBusy: false, Bytes: 0) { Kept = 1, KeptBytes = 3 }, found[1]);
        Assert.Equal(DiagnosisResult.Doubtful, found[1].Result);
        Assert.True(Directory.Exists(Path.Combine(store.Root, "tmp", "removed-1")));
    }

    [Fact]
    public async Task Look_FileInPlaceOfTheStore_IsWrong()
    {
        await File.WriteAllTextAsync(_folder["store"], "x", Token);

        Assert.Equal(DiagnosisResult.Wrong, Assert.Single(await LookAsync()).Result);
    }

    private Task<IReadOnlyList<Diagnosis>> LookAsync() => StoreProbes.LookAsync(_folder["store"], PortableLayerHost.Instance, Token);
}
