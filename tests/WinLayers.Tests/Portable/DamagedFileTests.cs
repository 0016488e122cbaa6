using WinLayers.Formats.Tar;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Portable;

/// <summary>A file of a finished layer that was changed is an error for whoever reads it to its end.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Theory]
    [InlineData("flipped in place")]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("empty")]
    public void Read_ChangedData_IsAnErrorWithItsName(string damage)
    {
        using PortableTree tree = Make();
        string file = Path.Combine(tree.Location, "Files", "a.txt");
        Damage.Do(file, damage);

        DamagedFileException told = Assert.Throws<DamagedFileException>(() => tree.Text("Files\\a.txt"));

        Assert.Equal(("WCL5031", file), (told.Code, told.File));
        Assert.Equal("other", tree.Text("Files\\b.txt"));
    }

    [Fact]
    public void Read_ChangedData_GivesNotItsLastBytes()
    {
        using PortableTree tree = Make();
        Damage.Do(Path.Combine(tree.Location, "Files", "a.txt"), "flipped");
        using OpenContent content = tree.OpenRead(TestLayers.P("Files\\a.txt"));

        Assert.Throws<DamagedFileException>(() => content.Data.ReadExactly(new byte[5]));
    }

    [Fact]
    public void Read_ChangedStream_IsAnError()
    {
        using PortableTree tree = Make();
        Damage.Do(Assert.Single(Directory.GetFiles(Path.Combine(tree.Location, "streams"))), "flipped");
        using OpenContent content = tree.OpenRead(TestLayers.P("Files\\a.txt"));
        AlternateStream stream = content.NextStream()!;

        Assert.Throws<DamagedFileException>(() => stream.Data.CopyTo(Stream.Null));
    }

    [Fact]
    public void Export_OfAChangedFile_IsAnError()
    {
        using (PortableTree tree = Make())
            Damage.Do(Path.Combine(tree.Location, "Files", "a.txt"), "flipped in place");

        Assert.Throws<DamagedFileException>(
            () => PortableLayerHost.Instance.Export(Path.Combine(_layers.Root, "layer"), new MemoryStream(), _layers.Root));
    }

    private PortableTree Make() => _layers.Make("layer", volume =>
        volume.Dir("Files").File("Files\\a.txt", "hello", streams: [("s", "stream")]).File("Files\\b.txt", "other"));
}
