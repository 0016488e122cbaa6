using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Testing;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>A registry that breaks off again and again costs a bounded number of requests, whatever size it claims.</summary>
public sealed class BreakTests
{
    private const string Repository = "windows/nanoserver";
    private const long Claimed = 1L << 62;

    [Fact]
    public async Task OpenBlob_EndlessBlobInSingleBytes_EndsAfterFewRequestsThatWaitLongerAndLonger()
    {
        await using var registry = new TestRegistry();
        Descriptor blob = registry.AddBlob(Repository, [1]) with { Size = Claimed };
        registry.Misbehave = request => Part(request, bytes: 1);
        var clock = new HurryingClock();
        using var client = new RegistryClient(RegistryTesting.Quick with
        {
            TimeProvider = clock,
            RetryDelay = TimeSpan.FromHours(1),
            MaxRetryDelay = TimeSpan.FromHours(20),
        });

        Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(() => RegistryTesting.ReadToEndAsync(stream));

        Assert.Contains("was lost 33 times, the last time at byte 33 of 4611686018427387904", e.Message, StringComparison.Ordinal);
        Assert.Equal(33, registry.Server.Count("GET", "/blobs/"));
        // Counted in hours, so that no other wait is among them. The first break waits for nothing, the last one ends it.
        Assert.Equal([1, 2, 4, 8, 16, .. Enumerable.Repeat(20, 26)], clock.Hours);
    }

    [Fact]
    public async Task OpenBlob_EndlessBlobInPartsThatAreWorthwhile_EndsAfterAThousandBreaks()
    {
        const int part = 64 << 10;
        await using var registry = new TestRegistry();
        Descriptor blob = registry.AddBlob(Repository, [1]) with { Size = Claimed };
        registry.Misbehave = request => Part(request, part);
        var clock = new HurryingClock();
        using var client = new RegistryClient(RegistryTesting.Quick with { TimeProvider = clock, RetryDelay = TimeSpan.FromHours(1) });

        Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(() => stream.CopyToAsync(Stream.Null, RegistryTesting.Token));

        Assert.Contains("was lost 1025 times", e.Message, StringComparison.Ordinal);
        Assert.Equal(1025, registry.Server.Count("GET", "/blobs/"));
        Assert.Empty(clock.Hours);
    }

    [Fact]
    public async Task Fetch_BlobLargerThanTheDisk_IsRefusedBeforeItIsAskedFor()
    {
        using var folder = new TemporaryFolder();
        await using var registry = new TestRegistry();
        Descriptor blob = registry.AddBlob(Repository, [1]) with { Size = Claimed };
        BlobStore store = await BlobStore.CreateAsync(folder["s"], RegistryTesting.Token);
        await using var source = new RegistrySource(new RegistryClient(RegistryTesting.Quick), registry.Reference(Repository));

        DiskException e =
            await Assert.ThrowsAsync<DiskException>(
                () => BlobFetcher.FetchAsync(source, store, blob, progress: null, RegistryTesting.Token));

        Assert.Equal(("WCL5021", DiskFailure.Full), (e.Code, e.Reason));
        Assert.Contains("takes 4611686018427387904 bytes", e.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Requests);
        Assert.Equal(0,
            Directory.EnumerateFiles(folder["s"], "*.partial", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length));
    }

    private static TestAnswer Part(TestRequest request, int bytes)
    {
        long from = request.Header("Range") is { } range ? long.Parse(range["bytes=".Length..^1]) : 0;
        var answer = new TestAnswer(from == 0 ? 200 : 206) { Body = new byte[bytes], IsChunked = true, CutAfter = bytes };
        return from == 0 ? answer : answer.With("Content-Range", $"bytes {from}-{Claimed - 1}/{Claimed}");
    }

    /// <summary>Waits of an hour and more pass at once and are written down.</summary>
    private sealed class HurryingClock : TimeProvider
    {
        public List<int> Hours { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.FromHours(1))
                return base.CreateTimer(callback, state, dueTime, period);
            Hours.Add((int)dueTime.TotalHours);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
