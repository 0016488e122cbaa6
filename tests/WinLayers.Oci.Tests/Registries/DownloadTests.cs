using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class DownloadTests
{
    private const string Repository = "windows/nanoserver";

    [Fact]
    public async Task OpenBlob_FromAnyOffset_GivesTheRest()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(100_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        using var client = new RegistryClient(RegistryTesting.Quick);
        foreach (int offset in new[] { 0, 1, 4096, 99_999, 100_000 })
        {
            Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, offset, RegistryTesting.Token);
            Assert.Equal(bytes[offset..], await RegistryTesting.ReadToEndAsync(stream));
        }
    }

    [Fact]
    public async Task OpenBlob_ReadBlocking_GivesTheSameBytesAndStopsWhenTheOpenersTokenDoes()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(300_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        int cuts = 1;
        registry.Misbehave = request =>
            request.Method == "GET" && cuts-- > 0 ? new TestAnswer(200) { Body = bytes, CutAfter = 100_000 } : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        using var stop = new CancellationTokenSource();
        await using Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, stop.Token);

        byte[] read = new byte[bytes.Length];
        await Task.Run(() => stream.ReadExactly(read), RegistryTesting.Token);

        Assert.Equal(bytes, read);
        await stop.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => stream.ReadByte());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenBlob_ConnectionCutAtRandomOffsets_GivesTheSameBytes(bool ignoresRange)
    {
        await using var registry = new TestRegistry { IgnoresRange = ignoresRange };
        byte[] bytes = RegistryTesting.RandomBytes(300_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        using var client = new RegistryClient(RegistryTesting.Quick);
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int cuts = 3;
            registry.Misbehave = request =>
            {
                if (!request.Path.Contains("/blobs/", StringComparison.Ordinal) || cuts-- <= 0)
                    return null;
                int from = request.Header("Range") is { } range && !ignoresRange ? int.Parse(range[6..^1]) : 0;
                var part = new TestAnswer(from == 0 ? 200 : 206) { Body = bytes[from..], CutAfter = random.Next(0, bytes.Length - from) };
                return from == 0 ? part : part.With("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
            };
            Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
            Assert.Equal(bytes, await RegistryTesting.ReadToEndAsync(stream));
        }
    }

    [Fact]
    public async Task OpenBlob_Resuming_SendsTheEntityTag()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(50_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        bool cut = true;
        registry.Misbehave = request =>
        {
            if (!cut || !request.Path.Contains("/blobs/", StringComparison.Ordinal))
                return null;
            cut = false;
            return new TestAnswer(200) { Body = bytes, CutAfter = 20_000 }.With("ETag", $"\"{blob.Digest}\"");
        };
        using var client = new RegistryClient(RegistryTesting.Quick);
        Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
        Assert.Equal(bytes, await RegistryTesting.ReadToEndAsync(stream));
        TestRequest resumed = registry.Requests[^1];
        Assert.Equal("bytes=20000-", resumed.Header("Range"));
        Assert.Equal($"\"{blob.Digest}\"", resumed.Header("If-Range"));
    }

    [Fact]
    public async Task OpenBlob_ServerThatAlwaysCuts_EndsInOneError()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(50_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        registry.Misbehave = request =>
            request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new TestAnswer(200) { Body = bytes, CutAfter = 10 } : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(() => RegistryTesting.ReadToEndAsync(stream));
        Assert.Equal("WCL4006", e.Code);
        Assert.Contains("at byte 10 of 50000", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.InnerException);
        Assert.InRange(registry.Server.Count("GET", "/blobs/"), 3, 8);
    }

    [Fact]
    public async Task OpenBlob_ServerThatCutsAfterEveryByte_GivesUp()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(5_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        registry.Misbehave = request =>
        {
            int from = request.Header("Range") is { } range ? int.Parse(range[6..^1]) : 0;
            return new TestAnswer(from == 0 ? 200 : 206) { Body = bytes[from..], CutAfter = 1 }.With("Content-Range",
                $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
        };
        using var client = new RegistryClient(RegistryTesting.Quick with { MaxRetryDelay = TimeSpan.FromMilliseconds(1) });
        Stream stream = await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(() => RegistryTesting.ReadToEndAsync(stream));
        Assert.Contains("was lost 33 times", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenBlob_WrongLength_IsRefused(bool declared)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(5_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        registry.Misbehave = request => request.Path.Contains("/blobs/", StringComparison.Ordinal)
            ? new TestAnswer(200) { Body = [.. bytes, 1], IsChunked = !declared }
            : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryProtocolException e = await Assert.ThrowsAsync<RegistryProtocolException>(async () =>
            await RegistryTesting.ReadToEndAsync(
                await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token)));
        Assert.Contains("5000", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, registry.Server.Count("GET", "/blobs/"));
    }

    [Fact]
    public async Task OpenBlob_RangeOfOtherBytes_IsRefused()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(5_000);
        Descriptor blob = registry.AddBlob(Repository, bytes);
        registry.Misbehave = request =>
            request.Header("Range") is null ? null : new TestAnswer(206) { Body = bytes[5..] }.With("Content-Range", "bytes 5-4999/5000");
        using var client = new RegistryClient(RegistryTesting.Quick);
        await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.OpenBlobAsync(registry.Reference(Repository), blob, 100, RegistryTesting.Token));
    }

    [Fact]
    public async Task OpenBlob_Absent_SaysSoAtOnce()
    {
        await using var registry = new TestRegistry();
        using var client = new RegistryClient(RegistryTesting.Quick);
        RegistryNotFoundException e = await Assert.ThrowsAsync<RegistryNotFoundException>(
            () => client.OpenBlobAsync(registry.Reference(Repository), RegistryTesting.DescriptorOf([1]), 0, RegistryTesting.Token));
        Assert.Equal((registry.Host, Repository, 404), (e.Registry, e.Repository, (int)e.Status!));
        Assert.Contains("BLOB_UNKNOWN: so says the test", e.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task OpenBlob_EmptyBlob_IsEmpty()
    {
        await using var registry = new TestRegistry();
        Descriptor blob = registry.AddBlob(Repository, []);
        using var client = new RegistryClient(RegistryTesting.Quick);
        Assert.Empty(
            await RegistryTesting.ReadToEndAsync(
            await client.OpenBlobAsync(registry.Reference(Repository), blob, 0, RegistryTesting.Token)));
    }
}
