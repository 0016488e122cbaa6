using WinLayers.Formats.IO;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Tests.Unpacking;
using WinLayers.Unpacking;

namespace WinLayers.Tests.Hostile;

/// <summary>What fails on the way, at every single step: the first error is reported, nothing is visible, nothing stays open.</summary>
public sealed class FaultTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static byte[] DiffTar(string text) => LayerTar.New()
        .Directory("Files").File("Files/text", text).Directory("Files/new").File("Files/new/a", "1").Stream("Files/new/a", "s", "2")
            .File("Files/new/b", "3").HardLink("Files/new/l", "Files/new/a").HardLink("Files/l", "Files/KEEP.txt")
        .Whiteout("Files/gone.txt").Opaque("Files/dir").Directory("Hives").File("Hives/System_Delta", "d")
        .Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/x", "4").Whiteout("UtilityVM/Files/vm.txt")
            .File("UtilityVM/Files/EFI/Microsoft/Boot/BCD", "5")
        .ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryCallThatFails_ReportsItself_AndLeavesNothing(bool inPlace)
    {
        // An own layer each time: one that is there already is not made again.
        byte[] tar = DiffTar($"in place: {inPlace}");
        CorpusImage image = CorpusImage.Of((CorpusBed.BaseTar, CorpusBed.BaseTar), (tar, tar));
        string before = bed.Snapshot();
        int calls = 1;
        for (; ; calls++)
        {
            var host = new FailingHost(calls, inPlace);
            try
            {
                await new ImageUnpacker(bed.Store, host).UnpackAsync(image, request: null, imageName: null, progress: null, Token);
                break;
            }
            catch (IOException failed)
            {
                Assert.Contains($"the disk failed at call {calls}", failed.ToString(), StringComparison.Ordinal);
            }

            Assert.Equal(before, bed.Snapshot());
        }

        Assert.InRange(calls, 20, 1000);
        Assert.Empty((await bed.Store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
    }

    [Fact]
    public async Task AStreamThatFailsAnywhere_ReportsItself_AndLeavesNothing()
    {
        byte[] tar = Big("stream");
        byte[] blob = TestBytes.Compress(tar);
        CorpusImage image = CorpusImage.Of((tar, blob));
        string before = bed.Snapshot();
        for (int at = 0; at < blob.Length; at += Math.Max(1, blob.Length / 40))
        {
            var failing =
                new ChangedSource(image, (wanted, stream) => MediaTypes.IsLayer(wanted.MediaType) ? new FailingAt(stream, at) : stream);
            IOException failed = await Assert.ThrowsAsync<IOException>(() => bed.UnpackAsync(failing));
            Assert.Contains($"cable pulled at {at}", failed.ToString(), StringComparison.Ordinal);
            bed.ForgetPartialBlobs();
            Assert.Equal(before, bed.Snapshot());
        }

        await bed.UnpackAsync(image);
    }

    [Fact]
    public async Task CancelledAnywhere_ItStops_AndLeavesNothing()
    {
        byte[] tar = Big("cancel");
        byte[] blob = TestBytes.Compress(tar);
        CorpusImage image = CorpusImage.Of((tar, blob));
        string before = bed.Snapshot();
        for (int at = 0; at < blob.Length; at += Math.Max(1, blob.Length / 40))
        {
            using var cancel = new CancellationTokenSource();
            var cancelling =
                new ChangedSource(image,
                (wanted, stream) => MediaTypes.IsLayer(wanted.MediaType) ? new FailingAt(stream, at, cancel) : stream);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.UnpackAsync(cancelling, cancel.Token));
            bed.ForgetPartialBlobs();
            Assert.Equal(before, bed.Snapshot());
        }

        await bed.UnpackAsync(image);
    }

    [Fact]
    public async Task CancelledBefore_EveryCall_SaysSoAtOnce()
    {
        var gone = new CancellationToken(canceled: true);
        byte[] tar = Big("before");
        CorpusImage image = CorpusImage.Of((tar, tar));
        string before = bed.Snapshot();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.UnpackAsync(image, gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageResolver.ResolveAsync(image, request: null, gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bed.Store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.Store.LeaseAsync(gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bed.Store.BeginLayerAsync(ContentHash.Of(tar), parentChainId: null, gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LayerStore.OpenAsync(Path.Combine(bed.Work, "never"), gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.Store.Blobs.PutAsync(ContentHash.Of(tar), tar, gone));

        Assert.Equal(before, bed.Snapshot());
    }

    [Theory]
    [InlineData(1975)]
    [InlineData(2099)]
    public async Task ClocksThatJump_HarmNothing(int year)
    {
        byte[] tar = Big($"clock {year}");
        await bed.UnpackAsync(CorpusImage.Of((CorpusBed.BaseTar, CorpusBed.BaseTar), (tar, tar)));
        var date = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (string file in Directory.EnumerateFiles(bed.Store.Root, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/layers/", StringComparison.Ordinal)))
            File.SetLastWriteTimeUtc(file, date);

        await bed.UnpackAsync(CorpusImage.Of((CorpusBed.BaseTar, CorpusBed.BaseTar), (tar, tar), (DiffTar("clock"), DiffTar("clock"))));
        bed.Store.Collect(PortableLayerHost.Instance, dryRun: false, Token);

        Assert.Empty((await bed.Store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: Token)).Problems);
        Assert.All(bed.Store.ListImages(), image => Assert.All(image.Chain, chainId => Assert.NotNull(bed.Store.TryGetLayer(chainId))));
    }

    private static byte[] Big(string name)
    {
        LayerTar tar = LayerTar.New().Directory("Files");
        for (int i = 0; i < 30; i++)
            tar.File($"Files/{name}-{i}", [.. Enumerable.Range(0, 5000).Select(n => (byte)((n * n * (i + 3)) >> 3))]);
        return tar.ToArray();
    }

    private sealed class FailingAt(Stream inner, long at, CancellationTokenSource? cancel = null) : ReadOnlyStream
    {
        private long _read;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read == at)
            {
                if (cancel is null)
                    throw new IOException($"cable pulled at {at}");
                await cancel.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, at - _read)], cancellationToken);
            _read += count;
            return count;
        }
    }
}
