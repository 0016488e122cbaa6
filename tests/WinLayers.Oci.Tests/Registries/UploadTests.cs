using WinLayers.Formats.IO;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

public sealed class UploadTests
{
    private const string Repository = "team/app";
    private static readonly RegistryOptions SmallChunks = RegistryTesting.Quick with { UploadChunkBytes = 1000 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(2000)]
    [InlineData(4321)]
    public async Task PutBlob_AnySize_Arrives(int size)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(size);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Equal(size <= 1000 ? 0 : (size + 999) / 1000, registry.Server.Count("PATCH", "/uploads/"));
        Assert.Empty(registry.Uploads);
        Assert.True(await client.HasBlobAsync(registry.Reference(Repository), blob, RegistryTesting.Token));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(5000)]
    public async Task PutBlob_OtherContent_IsRefusedAndNothingIsLeft(int size)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(size);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        using var client = new RegistryClient(SmallChunks);
        byte[] flipped = [.. bytes[..^1], (byte)~bytes[^1]];
        await Assert.ThrowsAsync<DigestMismatchException>(
            () => client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(flipped), RegistryTesting.Token));
        await Assert.ThrowsAsync<SizeMismatchException>(
            () => client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream([.. bytes, 0]), RegistryTesting.Token));
        await Assert.ThrowsAsync<SizeMismatchException>(
            () => client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(bytes[..^1]), RegistryTesting.Token));
        Assert.Null(registry.Blob(Repository, blob.Digest));
        Assert.Empty(registry.Uploads);
        Assert.Equal(0, registry.Server.Count("PUT", ""));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    [InlineData(1000)]
    public async Task PutBlob_ConnectionLostInAPiece_GoesOnFromWhatTheRegistryHas(int keptOfThePiece)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3500);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        int patches = 0;
        registry.Misbehave = request =>
        {
            if (request.Method != "PATCH" || ++patches != 2)
                return null;
            string id = registry.Uploads.Keys.Single();
            registry.Uploads[id] = [.. registry.Uploads[id], .. request.Body[..keptOfThePiece]];
            return new TestAnswer(500) { IsHangUp = true };
        };
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Equal(1, registry.Server.Count("GET", "/uploads/"));
        Assert.Equal(1, registry.Server.Count("POST", "/uploads/"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task Mount_NotKnownToTheRegistry_IsAnUploadInstead(int status)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(500);
        Descriptor blob = registry.AddBlob("other/app", bytes);
        registry.Misbehave = request => request.Query("mount").Count > 0 ? TestRegistry.Failure(status, "UNSUPPORTED") : null;
        using var client = new RegistryClient(RegistryTesting.Quick);
        var target = new RegistryTarget(client, registry.Reference(Repository), registry.Reference("other/app"));
        Assert.False(await target.HasBlobAsync(blob, RegistryTesting.Token));
        await target.PutBlobAsync(blob, new MemoryStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(504)]
    public async Task PutBlob_GatewayGivesUpWhileTheRegistryStores_IsAskedForUntilItIsThere(int status)
    {
        // The upload is no more, and the blob not yet: whoever starts over sends everything again.
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3500);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        int asked = 0;
        registry.Misbehave = request =>
        {
            if (request.Method == "PUT" && !registry.Uploads.IsEmpty)
            {
                registry.Uploads.Clear();
                return new TestAnswer(status) { Delay = TimeSpan.FromMilliseconds(100) };
            }

            if (request.Method == "HEAD" && ++asked == 4)
                registry.AddBlob(Repository, bytes);
            return null;
        };
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), blob, new MemoryStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Equal(1, registry.Server.Count("POST", "/uploads/"));
        Assert.Equal(4, registry.Server.Count("PATCH", "/uploads/"));
    }

    [Fact]
    public async Task PutBlob_GatewayGivesUpAndTheBlobNeverComes_StartsOver()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3500);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        int puts = 0;
        registry.Misbehave = request =>
        {
            if (request.Method != "PUT" || ++puts > 1)
                return null;
            registry.Uploads.Clear();
            return new TestAnswer(504);
        };
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), blob, new MemoryStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Equal(2, registry.Server.Count("POST", "/uploads/"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(3500)]
    public async Task PutBlob_GatewayGivesUpEachTime_IsAskedOnceMore(int size)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(size);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        int puts = 0;
        registry.Misbehave = request =>
        {
            if (request.Method != "PUT")
                return null;
            if (++puts == 3)
                registry.AddBlob(Repository, bytes);
            return new TestAnswer(504);
        };
        using var client = new RegistryClient(SmallChunks with { Retries = 2 });
        await client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(bytes), RegistryTesting.Token);
        Assert.Equal(3, puts);
        await Assert.ThrowsAsync<RegistryServerException>(
            () => client.PutBlobAsync(registry.Reference("team/other"), blob, new OnceStream(bytes), RegistryTesting.Token));
    }

    [Fact]
    public async Task PutBlob_UploadForgotten_StartsOverWhereTheContentCanSeek()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3500);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        using var client = new RegistryClient(SmallChunks);
        foreach (bool canSeek in new[] { true, false })
        {
            int patches = 0;
            registry.Misbehave = request =>
            {
                if (request.Method == "PATCH" && ++patches == 2)
                    registry.Uploads.Clear();
                return null;
            };
            using Stream content = canSeek ? new MemoryStream(bytes) : new OnceStream(bytes);
            Task task = client.PutBlobAsync(registry.Reference(canSeek ? Repository : "team/other"), blob, content, RegistryTesting.Token);
            if (canSeek)
                await task;
            else
                await Assert.ThrowsAsync<RegistryNotFoundException>(() => task);
        }

        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Null(registry.Blob("team/other", blob.Digest));
    }

    [Theory]
    [InlineData("forgets the upload")]
    [InlineData("loses acknowledged bytes")]
    [InlineData("refuses the range")]
    public async Task Copy_UploadThatMustStartOver_ReadsItsSourceAgain(string fault)
    {
        await using var from = new TestRegistry();
        await using var to = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3500);
        byte[] config = """{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
        Descriptor layer = from.AddBlob(Repository, bytes), configuration = from.AddBlob(Repository, config);
        string manifest = $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{configuration.Digest}}","size":{{config.Length}}},
             "layers":[{"mediaType":"{{MediaTypes.OciLayerGZip}}","digest":"{{layer.Digest}}","size":{{bytes.Length}}}]}
            """;
        Digest expected = from.AddManifest(Repository, "latest", manifest);
        int patches = 0;
        to.Misbehave = request =>
        {
            if (request.Method != "PATCH" || ++patches != 3)
                return null;
            // The configuration may be on its way too: it is let alone.
            string upload = to.Uploads.Keys.Single(id => request.Path.EndsWith(id, StringComparison.Ordinal));
            if (fault == "forgets the upload")
                to.Uploads.TryRemove(upload, out _);
            else if (fault == "loses acknowledged bytes")
                to.Uploads[upload] = [];
            return fault == "refuses the range" ? new TestAnswer(416) : fault == "loses acknowledged bytes"
                ? new TestAnswer(500) { IsHangUp = true } : null;
        };
        using var client = new RegistryClient(SmallChunks);
        await using var source = new RegistrySource(client, from.Reference(Repository));
        await using var target = new RegistryTarget(client, to.Reference(Repository));

        CopyResult result = await ImageCopier.CopyAsync(
            source, target, CopyOptions.Default with { AllPlatforms = true }, progress: null, RegistryTesting.Token);

        Assert.Equal(expected, result.SourceDigest);
        Assert.Equal(bytes, to.Blob(Repository, layer.Digest));
        Assert.Equal(2, from.Server.Count("GET", $"/blobs/{layer.Digest}"));
        Assert.True(to.Server.Count("POST", "/uploads/") >= 2);
    }

    [Fact]
    public async Task Copy_ToADigestOfAnotherImage_IsRefusedBeforeAnythingIsSent()
    {
        await using var registry = new TestRegistry();
        byte[] config = """{"os":"windows","architecture":"amd64","os.version":"10.0.20348.1","rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray();
        Descriptor configuration = registry.AddBlob("from/app", config);
        registry.AddManifest("from/app", "latest", $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{configuration.Digest}}","size":{{config.Length}}},"layers":[]}""");
        using var client = new RegistryClient(SmallChunks);
        await using var source = new RegistrySource(client, registry.Reference("from/app"));
        await using var target = new RegistryTarget(client, registry.Reference(Repository).WithDigest(configuration.Digest));

        await Assert.ThrowsAsync<RegistryUsageException>(
            () => ImageCopier.CopyAsync(source, target, CopyOptions.Default, progress: null, RegistryTesting.Token));

        Assert.DoesNotContain(registry.Requests, static request => request.Path.Contains($"/{Repository}/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PutBlob_SmallOneAndFailures_IsSentAgainFromItsStart()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(700);
        Descriptor blob = RegistryTesting.DescriptorOf(bytes);
        int puts = 0;
        registry.Misbehave = request => request.Method == "PUT" && ++puts <= 2 ? new TestAnswer(503) : null;
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), blob, new OnceStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
    }

    [Fact]
    public async Task PutBlob_LeastChunkOfTheRegistry_IsKept()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(5000);
        registry.Misbehave = request =>
        {
            if (request.Method != "POST")
                return null;
            registry.Uploads["one"] = [];
            return new TestAnswer(202).With("Location", $"/v2/{Repository}/blobs/uploads/one").With("OCI-Chunk-Min-Length", "2500");
        };
        using var client = new RegistryClient(SmallChunks);
        await client.PutBlobAsync(registry.Reference(Repository), RegistryTesting.DescriptorOf(bytes), new OnceStream(bytes),
            RegistryTesting.Token);
        Assert.Equal(["0-2499", "2500-4999"], registry.Requests.Where(r => r.Method == "PATCH").Select(r => r.Header("Content-Range")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Target_SameRegistry_MountsOrUsesTheUploadThatBeganInstead(bool mounts)
    {
        await using var registry = new TestRegistry { Mounts = mounts };
        byte[] bytes = RegistryTesting.RandomBytes(700);
        Descriptor blob = registry.AddBlob("base/nanoserver", bytes);
        using var client = new RegistryClient(SmallChunks);
        await using var target =
            new RegistryTarget(client, registry.Reference(Repository), mountFrom: registry.Reference("base/nanoserver"));
        Assert.Equal(mounts, await target.HasBlobAsync(blob, RegistryTesting.Token));
        if (!mounts)
            await target.PutBlobAsync(blob, new OnceStream(bytes), RegistryTesting.Token);
        Assert.Equal(bytes, registry.Blob(Repository, blob.Digest));
        Assert.Equal(1, registry.Server.Count("POST", "/uploads/"));
        Assert.True(await target.HasBlobAsync(blob, RegistryTesting.Token));
    }

    [Fact]
    public async Task PutBlob_ErrorsOfAnUpload_DoNotShowItsState()
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(3000);
        registry.Misbehave = request => request.Method == "PATCH" ? TestRegistry.Failure(400, "BAD") : null;
        using var client = new RegistryClient(SmallChunks);
        RegistryProtocolException e = await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.PutBlobAsync(registry.Reference(Repository), RegistryTesting.DescriptorOf(bytes), new OnceStream(bytes),
                RegistryTesting.Token));
        Assert.DoesNotContain("secret-state", e.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Content that can be read once, in odd portions.</summary>
    private sealed class OnceStream(byte[] bytes) : ReadOnlyStream
    {
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(buffer.Length, 333), bytes.Length - _at);
            bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));
    }
}
