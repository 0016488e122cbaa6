using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Linting;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Transport;
using WinLayers.Views;
using WinLayers.Writing;

namespace WinLayers.Tests.Writing;

/// <summary>Names have 255 UTF-16 units on NTFS and 255 bytes elsewhere: what happens at 254, 255 and 256 bytes.</summary>
public sealed class NameBytesTests : IDisposable
{
    private readonly TestLayers _layers = new();

    // A byte each, or three but for the last; all have few enough units.
    public static TheoryData<string, bool> Names => new()
    {
        { new string('a', 254), true },
        { new string('a', 255), true },
        { new string('文', 85), true },
        { new string('文', 84) + "aaaa", false },
        { new string('文', 86), false },
    };

    public void Dispose() => _layers.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Lint_NameOfMoreThan255Bytes_IsNoted(string name, bool fits)
    {
        using MemoryStream tar = LayerTar.New().Directory("Files").File($"Files/{name}").Open();

        Assert.Equal(fits, !LayerLinter.Lint(tar, []).Any(finding => finding.Rule == LintRules.LongName));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Stage_FileNameOfMoreThan255Bytes_IsRefused(string name, bool fits)
    {
        SkipOnWindows();
        CheckStaging(LayerTar.New().Directory("Files").File($"Files/{name}"), fits);
    }

    // A directory's marker has its name and ten characters more.
    [Theory]
    [InlineData(244, true)]
    [InlineData(245, true)]
    [InlineData(246, false)]
    public void Stage_DirectoryNameThatFitsWithItsMarker_IsStaged(int length, bool fits)
    {
        SkipOnWindows();
        CheckStaging(LayerTar.New().Directory("Files").Directory($"Files/{new string('d', length)}"), fits);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Unpack_NameOfMoreThan255Bytes_IsStoredUnderASubstitute(string name, bool fits)
    {
        SkipOnWindows();
        using PortableTree tree = _layers.Make("a", volume => volume.Dir("Files").File($"Files\\{name}", "text"));

        string stored = Assert.Single(Directory.GetFiles(Path.Combine(tree.Location, "Files")));
        Assert.Equal(fits ? name : StoredNames.SubstituteFor(name), Path.GetFileName(stored));
        Assert.Equal("text", tree.Text($"Files\\{name}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Extract_NameOfMoreThan255Bytes_IsLostAndSaid(string name, bool fits)
    {
        SkipOnWindows();
        LayerTar layer = LayerTar.New().Directory("Files").File($"Files/{name}", "text");
        MergedView view = MergedView.Build([LayerListing.FromTar("layer", layer.Open)], TestContext.Current.CancellationToken);

        ExtractResult result = MergedExtractor.Extract(
            view, LayerPath.Parse("Files"), Path.Combine(_layers.Root, "out"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(fits ? (1, 0) : (0, 1), (result.Files, result.Omissions.Count));
        Assert.All(result.Omissions, omission => Assert.True(omission.IsLost));
    }

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a name has 255 units, which LayerPath counts.");

    private void CheckStaging(LayerTar layer, bool fits)
    {
        using var parent = new RecordingVolume("parent");
        using MemoryStream tar = layer.Open();
        string folder = Path.Combine(_layers.Root, "staged");
        Exception? refused = Record.Exception(() => LayerStager.Stage(tar, folder, [parent]));

        if (fits)
        {
            Assert.Null(refused);
        }
        else
        {
            // By its length, before the file system refuses the path.
            Assert.Same(LayerRules.TransportNameLength, Assert.IsType<LayerRefusedException>(refused).Rule);
            Assert.Contains("bytes, the file system takes 255", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(fits, Directory.Exists(folder));
    }
}
