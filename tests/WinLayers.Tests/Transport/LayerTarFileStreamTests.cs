using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Testing;
using WinLayers.Transport;

namespace WinLayers.Tests.Transport;

public sealed class LayerTarFileStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Publish_GivesTheNameAndTheDigest()
    {
        byte[] bytes = [1, 2, 3];
        using (LayerTarFileStream file = new(_folder["layer.tar"], TestContext.Current.CancellationToken))
        {
            file.Write(bytes);
            Assert.False(File.Exists(_folder["layer.tar"]));
            Assert.Equal(3, file.Length);
            Assert.Equal(ContentHash.Of(bytes), file.Publish());
        }

        Assert.Equal(bytes, File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder.FolderPath))));
    }

    [Fact]
    public void Dispose_Unpublished_LeavesNothing()
    {
        using (LayerTarFileStream file = new(_folder["layer.tar"], TestContext.Current.CancellationToken))
            file.Write([1]);

        Assert.Empty(Directory.GetFiles(_folder.FolderPath));
    }

    [Fact]
    public void Publish_OverAFile_Throws_AndKeepsIt()
    {
        File.WriteAllText(_folder["layer.tar"], "mine");
        using (LayerTarFileStream file = new(_folder["layer.tar"], TestContext.Current.CancellationToken))
        {
            file.Write([1]);
            Assert.Equal(DiskFailure.AlreadyThere, Assert.Throws<DiskException>(() => file.Publish()).Reason);
        }

        Assert.Equal("mine", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.FolderPath))));
    }

    [Fact]
    public void Write_Cancelled_Stops()
    {
        using CancellationTokenSource stop = new();
        using LayerTarFileStream file = new(_folder["layer.tar"], stop.Token);
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => file.Write([1]));
    }
}
