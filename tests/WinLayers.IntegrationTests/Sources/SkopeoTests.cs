using WinLayers.IntegrationTests.Testing;
using WinLayers.Oci;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Digests;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Samples;

namespace WinLayers.IntegrationTests.Sources;

/// <summary>What this library writes, skopeo and umoci read, and the other way round.</summary>
public sealed class SkopeoTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("winlayers-interop-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Skopeo_ReadsAndRewritesOurLayout()
    {
        string skopeo = ExternalTool.Require("skopeo");
        ResolvedImage ours = await CopyAsync("sample:default", $"oci:{At("layout")}:v1");
        await ToolProcess.RunAsync(skopeo, "copy", "--override-os", "windows", $"oci:{At("layout")}:v1", $"oci:{At("theirs")}:v2");
        ResolvedImage theirs = await ResolveAsync($"oci:{At("theirs")}:v2");
        Assert.Equal(ours.Manifest.Raw.Digest, theirs.Manifest.Raw.Digest);
        await CheckLayersAsync($"oci:{At("theirs")}:v2");
    }

    [Fact]
    public async Task Skopeo_ReadsOurArchiveAndWeReadSkopeos()
    {
        string skopeo = ExternalTool.Require("skopeo");
        ResolvedImage ours = await CopyAsync("sample:default", $"docker-archive:{At("ours.tar")}:example.com/app:v1");
        await ToolProcess.RunAsync(skopeo, "copy", "--override-os", "windows", $"docker-archive:{At("ours.tar")}:example.com/app:v1",
            $"oci:{At("from-ours")}:v1");
        Assert.Equal(ChainOf(ours), ChainOf(await ResolveAsync($"oci:{At("from-ours")}:v1")));

        await ToolProcess.RunAsync(skopeo, "copy", "--override-os", "windows", $"oci:{At("from-ours")}:v1",
            $"docker-archive:{At("theirs.tar")}:example.com/app:v1");
        Assert.Equal(ChainOf(ours), ChainOf(await ResolveAsync($"docker-archive:{At("theirs.tar")}:example.com/app:v1")));
        await CheckLayersAsync($"docker-archive:{At("theirs.tar")}");
    }

    [Fact]
    public async Task Skopeo_ReadsOurOciArchiveAndWeReadSkopeos()
    {
        string skopeo = ExternalTool.Require("skopeo");
        ResolvedImage ours = await CopyAsync("sample:default", $"oci-archive:{At("ours.tar")}:v1");
        await ToolProcess.RunAsync(skopeo, "copy", "--override-os", "windows", $"oci-archive:{At("ours.tar")}:v1",
            $"oci:{At("layout")}:v1");
        Assert.Equal(ours.Manifest.Raw.Digest, (await ResolveAsync($"oci:{At("layout")}:v1")).Manifest.Raw.Digest);

        await ToolProcess.RunAsync(skopeo, "copy", "--override-os", "windows", $"oci:{At("layout")}:v1",
            $"oci-archive:{At("theirs.tar")}:v2");
        Assert.Equal(ours.Manifest.Raw.Digest, (await ResolveAsync($"oci-archive:{At("theirs.tar")}:v2")).Manifest.Raw.Digest);
        await CheckLayersAsync($"oci-archive:{At("theirs.tar")}");
    }

    [Fact]
    public async Task Umoci_ListsWhatWeWrote()
    {
        string umoci = ExternalTool.Require("umoci");
        await CopyAsync("sample:default", $"oci:{At("layout")}:v1");
        Assert.Equal("v1", (await ToolProcess.RunAsync(umoci, "list", "--layout", At("layout"))).Trim());
        Assert.Contains("COPY app", await ToolProcess.RunAsync(umoci, "stat", "--image", $"{At("layout")}:v1"), StringComparison.Ordinal);
    }

    private static IEnumerable<Digest> ChainOf(ResolvedImage image) => image.Layers.Select(static layer => layer.ChainId);

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private static async Task<ResolvedImage> CopyAsync(string from, string to)
    {
        using RegistryClient registries = new();
        ImageTransports transports = ImageTransports.Standard(registries).WithSamples();
        ImageReference source = transports.Parse(from);
        await using IImageSource open = await transports.OpenAsync(source, Token);
        await using (IImageTarget target = await transports.OpenTargetAsync(transports.Parse(to), source, Token))
            await ImageCopier.CopyAsync(open, target, CopyOptions.Default, progress: null, Token);
        return await ImageResolver.ResolveAsync(open, request: null, Token);
    }

    private static async Task<ResolvedImage> ResolveAsync(string reference)
    {
        using RegistryClient registries = new();
        await using IImageSource source = await ImageTransports.Standard(registries).WithSamples().OpenAsync(reference, Token);
        return await ImageResolver.ResolveAsync(source, request: null, Token);
    }

    private static async Task CheckLayersAsync(string reference)
    {
        using RegistryClient registries = new();
        await using IImageSource source = await ImageTransports.Standard(registries).WithSamples().OpenAsync(reference, Token);
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        foreach (ResolvedLayer layer in image.Layers)
        {
            await using Stream blob = await source.OpenBlobAsync(layer.Descriptor, 0, Token);
            await using VerifyingStream verified = new(blob, layer.Descriptor);
            await using Stream tar = Decompression.Open(verified, layer.Descriptor.MediaType);
            await using VerifyingStream plain = new(tar, "layer", layer.DiffId, size: null);
            await plain.CopyToAsync(Stream.Null, Token);
            Assert.True(plain.IsVerified && verified.IsVerified);
        }
    }
}
