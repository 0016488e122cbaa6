using System.Net;
using System.Net.Sockets;
using System.Text;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;

namespace WinLayers.IntegrationTests.Registry;

public sealed class RealRegistryTests
{
    private static readonly RegistryOptions Plain = new() { UseAmbientCredentials = false, Retries = 1, UploadChunkBytes = 1 << 20 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pull_WhatSkopeoPushed_GivesTheSameBytes()
    {
        RealClient skopeo = Skopeo();
        await using RealRegistry registry = await RealRegistry.StartAsync();
        using var folder = new Cli.TemporaryFolder();
        var image = new SmallImage();
        image.WriteLayout(folder["layout"], "v1");
        await skopeo.RunAsync("copy", "--insecure-policy", "--dest-tls-verify=false", $"oci:{folder["layout"]}:v1",
            $"docker://{registry.Host}/team/app:v1");

        using var client = new RegistryClient(Plain);
        await using var source = new RegistrySource(client, registry.Reference("team/app:v1"));
        RawManifest manifest = await source.GetManifestAsync(digest: null, Token);
        Assert.Equal(image.Manifest.Digest, manifest.Digest);
        foreach (int offset in new[] { 0, 1_000_000 })
            Assert.Equal(image.LayerBytes[offset..], await ReadAsync(await source.OpenBlobAsync(image.Layer, offset, Token)));
    }

    [Fact]
    public async Task Push_InPieces_SkopeoReadsTheSameBytes()
    {
        RealClient skopeo = Skopeo();
        await using RealRegistry registry = await RealRegistry.StartAsync();
        using var client = new RegistryClient(Plain);
        var image = new SmallImage();
        await PushAsync(client, image, registry.Reference("team/app:v1"));
        string raw = await skopeo.RunAsync("inspect", "--raw", "--tls-verify=false", $"docker://{registry.Host}/team/app:v1");
        Assert.Equal(Encoding.UTF8.GetString(image.Manifest.Bytes.Span), raw);
        using var folder = new Cli.TemporaryFolder();
        await skopeo.RunAsync("copy", "--insecure-policy", "--src-tls-verify=false", "--override-os=windows",
            $"docker://{registry.Host}/team/app:v1", $"oci:{folder["out"]}:v1");
        Assert.Equal(image.LayerBytes,
            await File.ReadAllBytesAsync(Path.Combine(folder["out"], "blobs", "sha256", image.Layer.Digest.Hex), Token));
        var tags = new List<string>();
        await foreach (string tag in client.ListTagsAsync(registry.Reference("team/app"), Token))
            tags.Add(tag);
        Assert.Equal(["v1"], tags);
        Assert.Empty(await client.ListReferrersAsync(registry.Reference("team/app"), image.Manifest.Digest, artifactType: null, Token));
    }

    [Fact]
    public async Task Mount_FromAnotherRepository_SendsNothing()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync();
        using var client = new RegistryClient(Plain);
        var image = new SmallImage();
        await PushAsync(client, image, registry.Reference("base/app:v1"));
        Assert.False(await client.HasBlobAsync(registry.Reference("team/app"), image.Layer, Token));
        await using var target = new RegistryTarget(client, registry.Reference("team/app:v2"), registry.Reference("base/app:v1"));
        Assert.True(await target.HasBlobAsync(image.Layer, Token));
        Assert.Equal(image.LayerBytes, await ReadAsync(await client.OpenBlobAsync(registry.Reference("team/app"), image.Layer, 0, Token)));
    }

    [Fact]
    public async Task Password_RightOneWorksAndWrongOneIsExplained()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync(hasPassword: true);
        var image = new SmallImage();
        using (RegistryClient client = new(With(RealRegistry.Password)))
        {
            await PushAsync(client, image, registry.Reference("team/app:v1"));
            Assert.Equal(image.Manifest.Digest, (await client.GetManifestAsync(registry.Reference("team/app:v1"), Token)).Digest);
        }

        using RegistryClient wrong = new(With("wrong-password"));
        RegistryAuthenticationException e =
            await Assert.ThrowsAsync<RegistryAuthenticationException>(
            () => wrong.GetManifestAsync(registry.Reference("team/app:v1"), Token));
        Assert.DoesNotContain("wrong-password", e.ToString(), StringComparison.Ordinal);
        using RegistryClient none = new(Plain);
        await Assert.ThrowsAsync<RegistryAuthenticationException>(() => none.GetManifestAsync(registry.Reference("team/app:v1"), Token));

        static RegistryOptions With(string password) => Plain with
        {
            Credentials = (_, _) => ValueTask.FromResult<RegistryCredential?>(RegistryCredential.FromPassword(RealRegistry.User, password)),
        };
    }

    [Fact]
    public async Task Tls_OwnAuthority_IsTrustedOnlyWhenNamed()
    {
        await using RealRegistry registry = await RealRegistry.StartAsync(hasTls: true);
        var image = new SmallImage();
        using (var client = new RegistryClient(Plain with { TlsCaFile = registry.CaFile }))
        {
            await PushAsync(client, image, registry.Reference("team/app:v1"));
            Assert.Equal(image.LayerBytes,
                await ReadAsync(await client.OpenBlobAsync(registry.Reference("team/app"), image.Layer, 0, Token)));
        }

        using var stranger = new RegistryClient(Plain);
        RegistryUnreachableException e =
            await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => stranger.GetManifestAsync(registry.Reference("team/app:v1"), Token));
        Assert.Contains("TLS certificate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AirGap_ForeignLayerCopiedToAMirror_IsPulledWithNobodyElseThere()
    {
        await using RealRegistry upstream = await RealRegistry.StartAsync();
        await using RealRegistry mirror = await RealRegistry.StartAsync();
        using var layers = new OneFileServer();
        var image = new SmallImage(mediaType: MediaTypes.OciForeignLayer + "+gzip", url: layers.Url);
        layers.Bytes = image.LayerBytes;
        var original = RegistryReference.Parse("docker://mcr.invalid/windows/base:1");
        using (var client = new RegistryClient(Plain with { AllowHttpUrls = true, AllowPrivateUrls = true }))
        {
            // The upstream has the manifest and the configuration; the layer is elsewhere.
            RegistryReference there = upstream.Reference("windows/base:1");
            await client.PutBlobAsync(there, image.Config, new MemoryStream(image.ConfigBytes), Token);
            await client.PutManifestAsync(there, image.Manifest, Token);
            await using var source = new RegistrySource(client, there);
            await using var target = new RegistryTarget(client, mirror.Reference("windows/base:1"));
            await ImageCopier.CopyAsync(source, target, CopyOptions.Default with { Foreign = ForeignLayerHandling.Include },
                progress: null, Token);
        }

        layers.Dispose();
        await upstream.DisposeAsync();
        using var isolated = new RegistryClient(Plain with { Mirrors = [RegistryMirror.Parse($"mcr.invalid=http://{mirror.Host}")] });
        await using var pulled = new RegistrySource(isolated, original);
        Assert.Equal(image.Manifest.Digest, (await pulled.GetManifestAsync(digest: null, Token)).Digest);
        Assert.Equal(image.LayerBytes, await ReadAsync(await pulled.OpenBlobAsync(image.Layer, 0, Token)));
    }

    private static RealClient Skopeo() => new("skopeo", "skopeo");

    private static async Task PushAsync(RegistryClient client, SmallImage image, RegistryReference reference)
    {
        await using var target = new RegistryTarget(client, reference);
        await target.PutBlobAsync(image.Config, new MemoryStream(image.ConfigBytes), Token);
        await target.PutBlobAsync(image.Layer, new MemoryStream(image.LayerBytes), Token);
        await target.PutManifestAsync(image.Manifest, isRoot: true, Token);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        await using (stream)
        {
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory, Token);
            return memory.ToArray();
        }
    }

    /// <summary>Gives the same bytes to everyone who asks over HTTP.</summary>
    private sealed class OneFileServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public OneFileServer()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public byte[] Bytes { get; set; } = [];

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/layer";

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    NetworkStream stream = client.GetStream();
                    _ = await stream.ReadAsync(new byte[8192]);
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Bytes.Length}\r\nConnection: close\r\n\r\n"));
                    await stream.WriteAsync(Bytes);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // The test is over.
            }
        }
    }
}
