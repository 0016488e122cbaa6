using WinLayers.Formats.Names;
using WinLayers.Oci.Content;
using WinLayers.Oci.Sources;
using WinLayers.Testing;
using WinLayers.Tests.Unpacking;
using WinLayers.Views;

namespace WinLayers.Tests.Views;

public sealed class ImageViewTests : IDisposable
{
    private readonly TestLayers _layers = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _layers.Dispose();

    [Fact]
    public async Task OfSource_LayersOnTopOfEachOther_OrOneAlone()
    {
        (IImageSource source, ResolvedImage image) = await MakeAsync();
        using var view = ImageView.OfSource(source, image, cancellationToken: Token);

        Assert.Equal(image.Name, view.Name);
        Assert.Equal(["a.txt", "b.txt"], Names(view.Merge(cancellationToken: Token)));
        Assert.Equal(["b.txt"], Names(view.Merge(layer: 1, Token)));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Merge(layer: 2, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Merge(layer: -1, Token));
    }

    [Fact]
    public async Task OfSource_ChangedBlob_IsNoticed()
    {
        (IImageSource source, ResolvedImage image) = await MakeAsync();
        ChangedSource changed =
            new(source, (_, stream) => new MemoryStream(LayerTar.New().Directory("Files").File("Files/evil.txt", "x").ToArray()));
        using var view = ImageView.OfSource(changed, image, cancellationToken: Token);

        Assert.Throws<SizeMismatchException>(() => view.Merge(cancellationToken: Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfTar_PlainOrCompressed(bool isCompressed)
    {
        string path = Path.Combine(_layers.Root, "layer.tar");
        byte[] tar = LayerTar.New().Directory("Files").File("Files/a.txt", "text").ToArray();
        await File.WriteAllBytesAsync(path, isCompressed ? TestBytes.Compress(tar) : tar, Token);
        using var view = ImageView.OfTar(path);
        MergedView files = view.Merge(cancellationToken: Token);

        using var reader = new StreamReader(files.OpenContent(files.Find(LayerPath.Parse("Files/a.txt"))!).Data);
        Assert.Equal("text", await reader.ReadToEndAsync(Token));
    }

    [Fact]
    public void Dispose_ClosesWhatItOwns()
    {
        bool isClosed = false;
        new ImageView("image", [], [new Closing(() => isClosed = true)]).Dispose();

        Assert.True(isClosed);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("/", "Files")]
    [InlineData("C:\\", "Files")]
    [InlineData("c:/Windows", @"Files\Windows")]
    [InlineData("Windows/System32", @"Files\Windows\System32")]
    [InlineData("files/Windows", @"files\Windows")]
    [InlineData("/Files/Windows", @"Files\Files\Windows")]
    [InlineData("Hives\\System_Base", @"Hives\System_Base")]
    [InlineData("UTILITYVM/", "UTILITYVM")]
    public void ParsePath_AsAPersonTypesIt(string? text, string path) => Assert.Equal(path, ImageView.ParsePath(text).Value);

    private async Task<(IImageSource Source, ResolvedImage Image)> MakeAsync()
    {
        BlobStore layout = await BlobStore.CreateAsync(Path.Combine(_layers.Root, "layout"), Token);
        IImageSource source = await UnpackImage.OfAsync(
            layout,
            LayerTar.New().Directory("Files").File("Files/a.txt", "a").ToArray(),
            LayerTar.New().Directory("Files").File("Files/b.txt", "b").ToArray());
        return (source, await ImageResolver.ResolveAsync(source, request: null, Token));
    }

    private static IEnumerable<string> Names(MergedView view) =>
        view.Enumerate(LayerPath.Parse("Files")).Select(entry => entry.Path.Name.ToString());

    private sealed class Closing(Action close) : IDisposable
    {
        public void Dispose() => close();
    }
}
