using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using WinLayers.IntegrationTests.Cli;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Sources;

/// <summary>Images that other tools made or rewrote, unpacked by the command to the very layers.</summary>
public sealed class ForeignImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoreItself_ThroughSkopeoToAnArchiveAndBack_IsTheSameImage()
    {
        string skopeo = ExternalTool.Require("skopeo");
        string[] layers = await UnpackAsync("sample:default", "store");

        await SkopeoAsync(skopeo, $"oci:{_folder["store"]}", $"docker-archive:{_folder["image.tar"]}:example.com/app:v1");
        Assert.Equal(layers, await UnpackAsync($"docker-archive:{_folder["image.tar"]}", "from-archive"));

        await SkopeoAsync(skopeo, $"docker-archive:{_folder["image.tar"]}", $"oci:{_folder["back"]}:v1");
        Assert.Equal(layers, await UnpackAsync($"oci:{_folder["back"]}:v1", "from-back"));
    }

    [Fact]
    public async Task LayersRecompressedAsZstandardBySkopeo_AreTheSameLayers()
    {
        string skopeo = ExternalTool.Require("skopeo");
        string[] layers = await UnpackAsync("sample:default", "store");
        (await WinLayersCommand.RunAsync("copy", "sample:default", $"oci:{_folder["gzip"]}:v1")).ShouldSucceed();

        await SkopeoAsync(skopeo, $"oci:{_folder["gzip"]}:v1", $"oci:{_folder["zstd"]}:v1", "--dest-compress", "--dest-compress-format",
            "zstd");

        JsonElement inspected = (await WinLayersCommand.RunAsync("inspect", $"oci:{_folder["zstd"]}:v1", "--json")).Json;
        Assert.All(inspected.GetProperty("layers").EnumerateArray(),
            layer => Assert.EndsWith("+zstd", layer.GetProperty("mediaType").GetString(), StringComparison.Ordinal));
        Assert.Equal(layers, await UnpackAsync($"oci:{_folder["zstd"]}:v1", "from-zstd"));
    }

    [Fact]
    public async Task ImageMadeByUmoci_IsTheSameLayers()
    {
        string umoci = ExternalTool.Require("umoci");
        string[] layers = await UnpackAsync("sample:default", "store");
        string image = $"{_folder["umoci"]}:v1";
        await ToolProcess.RunAsync(umoci, "init", "--layout", _folder["umoci"]);
        await ToolProcess.RunAsync(umoci, "new", "--image", image);
        foreach (string tar in await SampleTarsAsync())
            await ToolProcess.RunAsync(umoci, "raw", "add-layer", "--image", image, tar);
        await ToolProcess.RunAsync(umoci, "config", "--image", image, "--os", "windows", "--architecture", "amd64");

        Assert.Equal(layers, await UnpackAsync($"oci:{image}", "from-umoci"));
    }

    [Fact]
    public async Task LayerWrittenByTheFrameworkOnLinux_IsUnpackedOverItsBase()
    {
        // As the .NET SDK publishes containers: no attributes, no parent directories, Files/ in front of each name.
        using (FileStream file = File.Create(_folder["app.tar"]))
        using (var tar = new TarWriter(file, TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "Hives/"));
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "Files/app/app.dll") { DataStream = new MemoryStream("{}"u8.ToArray()) });
        }

        var image = new TarImage();
        image.Layer(await File.ReadAllBytesAsync((await SampleTarsAsync())[0], TestContext.Current.CancellationToken))
            .Layer(await File.ReadAllBytesAsync(_folder["app.tar"], TestContext.Current.CancellationToken));

        await UnpackAsync(image.WriteTo(_folder["layout"]), "store");

        Assert.Equal("{}",
            (await WinLayersCommand.RunAsync("cat", $"oci:{_folder["layout"]}", "app/app.dll", "--store", _folder["store"]))
            .ShouldSucceed().Output);
    }

    private static Task<string> SkopeoAsync(string skopeo, string from, string to, params string[] more) =>
        ToolProcess.RunAsync(skopeo, ["copy", "--override-os", "windows", "--override-arch", "amd64", .. more, from, to]);

    /// <summary>The names of the layers' folders, child first: they follow from the contents.</summary>
    private async Task<string[]> UnpackAsync(string image, string store) =>
        [.. (await WinLayersCommand.RunAsync("unpack", image, "--store", _folder[store]))
            .ShouldSucceed().OutputLines.Select(line => Path.GetFileName(line))];

    private async Task<List<string>> SampleTarsAsync()
    {
        (await WinLayersCommand.RunAsync("copy", "sample:default", $"oci:{_folder["sample"]}:v1")).ShouldSucceed();
        List<string> tars = [];
        using JsonDocument index = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder["sample"], "index.json")));
        using JsonDocument manifest =
            JsonDocument.Parse(await File.ReadAllBytesAsync(BlobOf(index.RootElement.GetProperty("manifests")[0])));
        foreach (JsonElement layer in manifest.RootElement.GetProperty("layers").EnumerateArray())
        {
            tars.Add(_folder[$"layer{tars.Count}.tar"]);
            await using var inflated = new GZipStream(File.OpenRead(BlobOf(layer)), CompressionMode.Decompress);
            await using FileStream tar = File.Create(tars[^1]);
            await inflated.CopyToAsync(tar);
        }

        return tars;

        string BlobOf(JsonElement descriptor) =>
            Path.Combine(_folder["sample"], "blobs", descriptor.GetProperty("digest").GetString()!.Replace(':', '/'));
    }
}
