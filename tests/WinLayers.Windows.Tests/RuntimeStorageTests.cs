using WinLayers.Volumes;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.UtilityVm;

namespace WinLayers.Windows.Tests;

/// <summary>A runtime's own tests put a fake in the host's place, on any system.</summary>
public sealed class RuntimeStorageTests
{
    [Fact]
    public async Task ARuntime_RunsOverAFake()
    {
        FakeStorage fake = new();

        await RunContainerAsync(fake, "/containers/web");

        Assert.Equal(["create /containers/web over /layers/base", "grant vm 7: /containers/web", "remove /containers/web"], fake.Done);
    }

    private static async Task RunContainerAsync(IRuntimeStorage storage, string folder)
    {
        await using IScratchLayer scratch = await storage.CreateScratchAsync(folder, ["/layers/base"]);
        storage.GrantVmAccess("vm 7", scratch.Folder);
    }

    private sealed class FakeStorage : IRuntimeStorage
    {
        public List<string> Done { get; } = [];

        public Task<IScratchLayer> CreateScratchAsync(
            string folder, LayerChain parents, ScratchOptions? options = null, CancellationToken cancellationToken = default)
        {
            Done.Add($"create {folder} over {parents}");
            return Task.FromResult<IScratchLayer>(new FakeScratch(this, folder, parents));
        }

        public IScratchLayer OpenScratch(string folder, LayerChain? parents = null, ScratchMethod? method = null) =>
            new FakeScratch(this, folder, parents ?? []);

        public UtilityVmBoot LocateUtilityVm(LayerChain chain) => new(chain[0], "uvm", "files", "disk", "boot");

        public string CreateUtilityVmScratch(LayerChain chain, string vmId, string folder, bool grantLayers = false) => folder;

        public void GrantVmAccess(string vmId, params IReadOnlyList<string> paths) => Done.Add($"grant {vmId}: {string.Join(',', paths)}");
    }

    private sealed class FakeScratch(FakeStorage storage, string folder, LayerChain parents) : IScratchLayer
    {
        private bool _isKept;

        public string Folder => folder;

        public LayerChain Parents => parents;

        public string? MountPath { get; private set; }

        public Task<string> MountAsync(CancellationToken cancellationToken = default) => Task.FromResult(MountPath = @"\\?\Volume{1}\");

        public Task UnmountAsync(CancellationToken cancellationToken = default)
        {
            MountPath = null;
            return Task.CompletedTask;
        }

        public void Expand(long sizeBytes)
        {
        }

        public Task RemoveAsync(CancellationToken cancellationToken = default)
        {
            storage.Done.Add($"remove {folder}");
            return Task.CompletedTask;
        }

        public void Keep() => _isKept = true;

        public async ValueTask DisposeAsync()
        {
            if (!_isKept)
                await RemoveAsync(CancellationToken.None);
        }
    }
}
