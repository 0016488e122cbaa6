using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>What is slow but goes on is waited for, and what stands still is not. Each test has a time of its own.</summary>
public sealed class SlowLineTests
{
    private const string Repository = "team/app";
    private static readonly RegistryReference Target =
        RegistryReference.Parse("docker://registry.example.com/team/app:latest");
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(500)]
    [InlineData(3500)]
    public async Task PutBlob_CommitSlowerThanAnyAnswer_IsWaitedFor(int size)
    {
        await using var registry = new TestRegistry();
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock)
        {
            AnswerTime = request => request.Method == "PUT" ? 3 * Limit : TimeSpan.Zero,
        };

        await PutAsync(RegistryTesting.RandomBytes(size), Options(line, clock) with { UploadChunkBytes = 1000 });

        Assert.Equal(size, Stored(registry, size).Length);
        Assert.Equal(1, line.Count("PUT"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(3500)]
    public async Task PutBlob_CommitWhoseAnswerIsLost_IsNotSentAgain(int size)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(size);
        registry.Misbehave = request =>
        {
            if (request.Method != "PUT")
                return null;
            registry.AddBlob(Repository, bytes);
            return new TestAnswer(201) { IsSilent = true };
        };
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);

        await PutAsync(bytes, Options(line, clock) with { UploadChunkBytes = 1000, CommitTimeout = Limit });

        Assert.Equal((1, 1), (line.Count("PUT"), line.Count("POST")));
    }

    [Fact]
    public async Task PutBlob_LineSlowerThanTheTimeForAnAnswer_Arrives()
    {
        await using var registry = new TestRegistry();
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock) { UploadTime = Limit * 0.9 };
        long start = clock.GetTimestamp();

        await PutAsync(RegistryTesting.RandomBytes(1 << 20), Options(line, clock) with { Retries = 0 });

        Assert.Equal(1 << 20, Stored(registry, 1 << 20).Length);
        Assert.True(clock.GetElapsedTime(start) > 20 * Limit);
    }

    [Fact]
    public async Task PutBlob_ServerThatStopsReading_EndsInTime()
    {
        await using var registry = new TestRegistry();
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock) { UploadTime = Limit * 1.1 };
        long start = clock.GetTimestamp();

        RegistryUnreachableException failed = await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => PutAsync(RegistryTesting.RandomBytes(1 << 20), Options(line, clock) with { Retries = 0 }));

        Assert.Contains("0.5 s", failed.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (line.Count("POST"), line.Count("PUT")));
        Assert.InRange(clock.GetElapsedTime(start), Limit, 3 * Limit);
    }

    [Fact]
    public async Task OpenBlob_SlowDrip_IsBrokenOffAndResumed()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(5_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        int drips = 1;
        registry.Misbehave = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) && drips-- > 0
            ? new TestAnswer(200) { Body = bytes, Drip = TimeSpan.FromMilliseconds(20) }
            : null;
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);
        RegistryOptions options = Options(line, clock) with { StallTimeout = TimeSpan.FromSeconds(2), MinBytesPerSecond = 1000 };
        using var client = new RegistryClient(options);

        Assert.Equal(bytes, await RegistryTesting.ReadToEndAsync(await client.OpenBlobAsync(Target, blob, 0, RegistryTesting.Token)));

        string[] ranges = [.. line.Requests
            .Where(request => request.Path.Contains("/blobs/", StringComparison.Ordinal))
            .Select(request => request.Header("Range") ?? "all")];
        Assert.Equal(2, ranges.Length);
        Assert.Equal("all", ranges[0]);
        Assert.InRange(int.Parse(ranges[1]["bytes=".Length..^1]), 90, 110); // a byte for each 20 ms of 2 s
    }

    [Fact]
    public async Task GetManifest_SilentServer_EndsInTime()
    {
        await using var registry = new TestRegistry { Misbehave = _ => new TestAnswer(200) { IsSilent = true } };
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);
        using var client = new RegistryClient(Options(line, clock) with { Retries = 1 });

        RegistryUnreachableException e = await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => client.GetManifestAsync(Target, RegistryTesting.Token));

        Assert.Contains("no answer within 0.5 s", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, line.Requests.Count);
    }

    [Fact]
    public async Task GetManifest_RetryAfter_IsKept()
    {
        await using var registry = new TestRegistry();
        registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        int refusals = 1;
        registry.Misbehave = _ => refusals-- > 0 ? TestRegistry.Failure(429, "TOOMANYREQUESTS").With("Retry-After", "2") : null;
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);
        using var client = new RegistryClient(Options(line, clock));

        Task<RawManifest> manifest = client.GetManifestAsync(Target, RegistryTesting.Token);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Single(line.Requests);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await manifest;

        Assert.Equal(2, line.Requests.Count);
    }

    // Seconds as any registry may write them; the second row is more than the framework reads.
    [Theory]
    [InlineData("86400", 86_400)]
    [InlineData("99999999999999999999999999", int.MaxValue)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 251_616_239_999)]
    public async Task GetManifest_RetryAfterOfAnySize_IsToldAndNotTriedAgainBefore(string text, long seconds)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestRegistry.Failure(429, "TOOMANYREQUESTS").With("Retry-After", text);
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);
        using var client = new RegistryClient(Options(line, clock));

        RegistryRateLimitedException e =
            await Assert.ThrowsAsync<RegistryRateLimitedException>(() => client.GetManifestAsync(Target, RegistryTesting.Token));

        Assert.Equal(TimeSpan.FromSeconds(seconds), e.Wait);
        Assert.Contains($"asks to wait {seconds} s", e.Message, StringComparison.Ordinal);
        Assert.Single(line.Requests);
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("")]
    public async Task GetManifest_RetryAfterThatIsNone_IsPassedOver(string text)
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestRegistry.Failure(429, "TOOMANYREQUESTS").With("Retry-After", text);
        var clock = new ManualClock();
        using var line = new ClockedHandler(registry, clock);
        using var client = new RegistryClient(Options(line, clock) with { Retries = 1 });

        RegistryRateLimitedException e =
            await Assert.ThrowsAsync<RegistryRateLimitedException>(() => client.GetManifestAsync(Target, RegistryTesting.Token));

        Assert.Null(e.Wait);
        Assert.Equal(2, line.Requests.Count);
    }

    private static byte[] Stored(TestRegistry registry, int size) =>
        registry.Blob(Repository, RegistryTesting.DescriptorOf(RegistryTesting.RandomBytes(size)).Digest)!;

    private static RegistryOptions Options(ClockedHandler line, ManualClock clock) => RegistryTesting.Quick with
    {
        HttpMessageHandler = line,
        TimeProvider = clock,
        ResponseTimeout = Limit,
        StallTimeout = Limit,
    };

    private static async Task PutAsync(byte[] bytes, RegistryOptions options)
    {
        using var client = new RegistryClient(options);
        await client.PutBlobAsync(Target, RegistryTesting.DescriptorOf(bytes), new MemoryStream(bytes), RegistryTesting.Token);
    }
}
