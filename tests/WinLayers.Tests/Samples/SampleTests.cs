using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Compression;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;
using WinLayers.Samples;

namespace WinLayers.Tests.Samples;

public sealed class SampleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_Twice_MakesTheSameImage()
    {
        await using SampleSource first = await OpenAsync("sample:default"), second = await OpenAsync("sample:");
        RawManifest one = await first.GetManifestAsync(null, Token), two = await second.GetManifestAsync(null, Token);
        Assert.Equal(one.Digest, two.Digest);
    }

    [Fact]
    public async Task Open_Default_HoldsALittleOfEverything()
    {
        await using SampleSource source = await OpenAsync("sample:default");
        ResolvedImage image = await ImageResolver.ResolveAsync(source, PlatformRequest.Default, Token);
        Assert.Equal(3, image.Layers.Count);
        Assert.Equal("10.0.20348.2031", image.Platform.OsVersion);
        List<Found> layer = await ReadAsync(source, image.Layers[0]);
        Assert.Contains(layer, entry => entry.Metadata.ExtendedAttributes is not null);
        Assert.Contains(layer, entry => entry.Metadata.Reparse is { IsMountPoint: true });
        Assert.Contains(layer, entry => entry.Metadata.Reparse is { IsSymbolicLink: true } && entry.Kind == LayerEntryKind.File);
        Assert.Contains(layer, entry => entry.Streams.Contains("Zone.Identifier"));
        Assert.Contains(layer, entry => entry.Streams.Count > 0 && entry.Kind == LayerEntryKind.Directory);
        Assert.Contains(layer, entry => entry.Kind == LayerEntryKind.HardLink);
        Assert.Contains(layer, entry => entry.Path == LayerPath.Parse("UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi"));
        Assert.All(layer.Where(entry => entry.Kind is LayerEntryKind.File or LayerEntryKind.Directory),
            entry => Assert.NotNull(entry.Metadata.Security));
        Assert.True(layer.Select(entry => entry.Metadata.Security).OfType<SecurityDescriptor>().Distinct().Count() >= 4);
        List<Found> application = await ReadAsync(source, image.Layers[1]);
        Assert.Contains(application, entry => entry.Kind == LayerEntryKind.Whiteout);
        Assert.Contains(application, entry => entry.Path.Value == @"Files\WINDOWS");
    }

    [Fact]
    public async Task Open_Large_HasAboutTheSizeAskedFor()
    {
        await using SampleSource source = await OpenAsync("sample:large?entries=700&bytes=20000000");
        ResolvedImage image = await ImageResolver.ResolveAsync(source, request: null, Token);
        List<Found> layer = await ReadAsync(source, image.Layers[0]);
        Assert.InRange(layer.Count, 700, 800);
        long bytes = layer.Sum(entry => entry.Length);
        Assert.InRange(bytes, 18_000_000, 27_000_000);
        Assert.InRange(bytes / (double)image.Layers[0].Descriptor.Size, 2.2, 3.2);
        int files = layer.Count(entry => entry.Kind == LayerEntryKind.File),
            links = layer.Count(entry => entry.Kind == LayerEntryKind.HardLink);
        Assert.InRange(links / (double)files, 0.15, 0.25);
    }

    private static Task<SampleSource> OpenAsync(string reference) => SampleSource.OpenAsync(SampleReference.Parse(reference), Token);

    private static async Task<List<Found>> ReadAsync(SampleSource source, ResolvedLayer layer)
    {
        await using VerifyingStream blob = new(await source.OpenBlobAsync(layer.Descriptor, 0, Token), layer.Descriptor);
        await using VerifyingStream tar = new(Decompression.Open(blob, layer.Descriptor.MediaType), "layer", layer.DiffId, size: null);
        using LayerTarReader reader = new(tar);
        List<Found> found = [];
        while (reader.Read() is { } entry)
        {
            long length = entry.Content.Data.Length;
            List<string> streams = [];
            while (entry.Content.NextStream() is { } stream)
                streams.Add(stream.Name);
            found.Add(new Found(entry.Kind, entry.Path, entry.Metadata, length, streams));
        }

        await tar.CopyToAsync(Stream.Null, Token);
        Assert.True(tar.IsVerified);
        return found;
    }

    private sealed record Found(LayerEntryKind Kind, LayerPath Path, FileMetadata Metadata, long Length, List<string> Streams);
}
