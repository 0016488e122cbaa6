using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Digests;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Hostile;

/// <summary>Callers that hold the library wrong get a clear error, and nothing is spoiled by it.</summary>
public sealed class MisuseTests(CorpusBed bed) : IClassFixture<CorpusBed>
{
    private static readonly Digest Any = ContentHash.Of("any"u8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DisposedObjects_SaySo()
    {
        var reader = new LayerTarReader(new MemoryStream(CorpusBed.BaseTar));
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(reader.Read);

        var writer = new LayerTarWriter(new MemoryStream());
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(writer.Complete);

        string folder = Directory.CreateDirectory(Path.Combine(bed.Work, "disposed")).FullName;
        var volume = new PortableVolume(folder, new LayerIdentity(Any, Any, ParentChainId: null, Any));
        volume.Dispose();
        Assert.Throws<ObjectDisposedException>(
            () => volume.CreateDirectory(LayerPath.Parse("Files"), FileMetadata.DefaultDirectory, new MemoryContent([])));
        Directory.Delete(folder, recursive: true);

        PendingLayer pending = (await bed.Store.BeginLayerAsync(Any, parentChainId: null, Token))!;
        pending.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pending.Commit("portable", new LayerIdentity(Any, Any, ParentChainId: null, Any)));

        var client = new RegistryClient();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => client.GetManifestAsync(RegistryReference.Parse("docker://localhost:1/x:y"), Token));
    }

    [Theory]
    [InlineData(-1, typeof(IOException))]
    [InlineData(1, typeof(EndOfStreamException))]
    [InlineData(1_000_000, typeof(EndOfStreamException))]
    public void ContentThatLiesAboutItsLength_IsAnError_AndLeavesNothing(int more, Type error)
    {
        byte[] data = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        var target = new MemoryStream();
        using var writer = new LayerTarWriter(target);
        Assert.Throws(error, () => writer.Write(new LayerEntry
        {
            Kind = LayerEntryKind.File,
            Path = LayerPath.Parse("Files/a"),
            Metadata = new FileMetadata(),
            Content = new LyingContent(data, data.Length + more),
            TarName = "Files/a",
        }));
    }

    [Fact]
    public void PathsThatWereNeverParsed_DoNotExist()
    {
        Assert.Equal(LayerPath.Root, default);
        Assert.Throws<LayerRefusedException>(() => LayerPath.Root.Child("../evil"));
        Assert.Throws<LayerRefusedException>(() => LayerPath.FromValue("Files\\..\\evil"));
        Assert.Throws<InvalidOperationException>(() => default(Digest).ToString());
    }

    private sealed class LyingContent(byte[] data, long length) : EntryContent
    {
        public override Stream Data { get; } = new LyingStream(data, length);

        public override AlternateStream? NextStream() => null;
    }

    private sealed class LyingStream(byte[] data, long length) : MemoryStream(data, writable: false)
    {
        public override long Length => length;
    }
}
