using WinLayers.Oci.Digests;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class RetryTests
{
    private const string Repository = "windows/nanoserver";

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task GetManifest_FailureThatPasses_IsRepeated(int status)
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        int failures = 3;
        registry.Misbehave = _ => failures-- > 0 ? TestRegistry.Failure(status, "TROUBLE") : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Equal(digest, (await client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token)).Digest);
        Assert.Equal(4, registry.Requests.Count);
    }

    [Fact]
    public async Task GetManifest_HangUpsAndCutBodies_AreRepeated()
    {
        await using var registry = new TestRegistry();
        Digest digest = registry.AddManifest(Repository, "latest", RegistryTesting.EmptyManifest());
        int request = 0;
        registry.Misbehave = _ => request++ switch
        {
            0 => new TestAnswer(200) { IsHangUp = true },
            1 => TestAnswer.Text(200, RegistryTesting.EmptyManifest()) with { CutAfter = 20 },
            2 => TestAnswer.Text(200, RegistryTesting.EmptyManifest()) with { DeclaredLength = 5000, CutAfter = 100 },
            _ => null,
        };
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Equal(digest, (await client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token)).Digest);
    }

    [Fact]
    public async Task GetManifest_FailureThatStays_IsOneErrorWithTheLastCause()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestRegistry.Failure(500, "TROUBLE");
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryServerException e =
            await Assert.ThrowsAsync<RegistryServerException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
        Assert.Equal(
            $"Cannot read manifest latest ({registry.Host}/{Repository}): it answers 500 Internal " +
                "Server Error (TROUBLE: so says the test).", e.Message);
        Assert.Equal(5, registry.Requests.Count);
    }

    [Fact]
    public async Task GetManifest_RetryAfterBeyondTheLimit_FailsAtOnceAndSaysHowLong()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestRegistry.Failure(429, "TOOMANYREQUESTS").With("Retry-After", "3600");
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryRateLimitedException e =
            await Assert.ThrowsAsync<RegistryRateLimitedException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
        Assert.Equal(TimeSpan.FromHours(1), e.Wait);
        Assert.Contains("3600 s", e.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task GetManifest_DrippingManifest_EndsInTime()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => TestAnswer.Text(200, RegistryTesting.EmptyManifest()) with { Drip = TimeSpan.FromMilliseconds(50) };
        using var client = new RegistryClient(RegistryTesting.Quick with { ResponseTimeout = TimeSpan.FromMilliseconds(200), Retries = 0 });
        await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
    }

    [Fact]
    public async Task GetManifest_NobodyListens_IsUnreachable()
    {
        var registry = new TestRegistry();
        RegistryReference reference = registry.Reference(Repository);
        await registry.DisposeAsync();
        var log = new TextLogger();
        using var client = new RegistryClient(RegistryTesting.Quick with { Retries = 100 }, log);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(() => client.GetManifestAsync(reference, RegistryTesting.Token));
        Assert.Contains("it refuses the connection", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, log.Lines.Count(line => line.Contains("Trying again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task GetManifest_Cancelled_SaysOnlyThat()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => new TestAnswer(200) { IsSilent = true };
        using var client = new RegistryClient(RegistryTesting.Quick);
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetManifestAsync(registry.Reference(Repository), cancel.Token));
    }

    [Fact]
    public async Task GetManifest_NotHttp_IsAnError()
    {
        await using var registry = new TestRegistry();
        registry.Misbehave = _ => new TestAnswer(200).With("Bad Header Name\u0001", "x");
        using var client = new RegistryClient(RegistryTesting.Quick with { Retries = 0 });
        await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => client.GetManifestAsync(registry.Reference(Repository), RegistryTesting.Token));
    }
}
