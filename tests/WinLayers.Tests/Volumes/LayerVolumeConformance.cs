using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Testing;
using WinLayers.Volumes;

namespace WinLayers.Tests.Volumes;

/// <summary>What every <see cref="ILayerVolume"/> does alike. Subclass it for an implementation.</summary>
public abstract class LayerVolumeConformance
{
    /// <summary>Whether metadata reads back as it was written.</summary>
    protected virtual bool ReadsMetadata => true;

    /// <summary>A new, empty volume; the caller disposes it.</summary>
    protected abstract ILayerVolume CreateVolume();

    /// <summary>Completes a volume and gives it for reading; the caller disposes what is given.</summary>
    protected virtual ILayerTree Finish(ILayerVolume volume)
    {
        volume.Complete();
        return volume;
    }

    [Fact]
    public void Find_InOtherCase_IsFound()
    {
        using ILayerTree tree = Written(Entries.Directory("Files"), Entries.File("Files/Ünï.txt", "12345"));

        VolumeNode? node = tree.Find(LayerPath.Parse("FILES/ÜNÏ.TXT"));

        Assert.True(node is { IsDirectory: false, IsReparsePoint: false, Length: 5 });
        Assert.True(tree.Find(LayerPath.Parse("files")) is { IsDirectory: true, IsReparsePoint: false });
        Assert.Null(tree.Find(LayerPath.Parse("Files/none")));
        Assert.Null(tree.Find(LayerPath.Parse("Files/Ünï.txt/below")));
    }

    [Theory]
    [InlineData("Files/a", "Files/A")]
    [InlineData("Files/a", "files/a")]
    public void Create_NameThatIsTaken_IsRefused(string first, string second)
    {
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        Add(volume, Entries.File(first));

        Assert.Throws<LayerRefusedException>(() => Completed(volume, () => Add(volume, Entries.File(second))));
    }

    [Fact]
    public void Create_BelowAReparsePointOrAFile_IsRefused()
    {
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        Add(volume, Entries.Junction("Files/j"));
        Add(volume, Entries.File("Files/f"));

        Assert.Throws<LayerRefusedException>(() => Add(volume, Entries.File("Files/J/x")));
        Assert.Throws<LayerRefusedException>(() => Add(volume, Entries.File("Files/f/x")));
    }

    [Fact]
    public void Enumerate_GivesOwnChildren_InOrdinalOrder()
    {
        using ILayerTree tree = Written(
            Entries.Directory("Files"), Entries.File("Files/b"), Entries.Directory("Files/C"), Entries.File("Files/C/x"),
                Entries.File("Files/a"), Entries.Junction("Files/j"));

        Assert.Equal(["C", "a", "b", "j"], tree.Enumerate(LayerPath.Parse("files")).Select(node => node.Path.Name.ToString()));
        Assert.Equal(["Files"], tree.Enumerate(LayerPath.Root).Select(node => node.Path.Name.ToString()));
        Assert.Empty(tree.Enumerate(LayerPath.Parse("Files/j")));
        Assert.Empty(tree.Enumerate(LayerPath.Parse("Files/none")));
        Assert.True(tree.Find(LayerPath.Parse("Files/j")) is { IsDirectory: true, IsReparsePoint: true });
    }

    [Fact]
    public void OpenRead_GivesDataAndStreamsBack()
    {
        string large = new('x', 3_000_000);
        using ILayerTree tree = Written(
            Entries.Directory("Files"), Entries.File("Files/a", "text", ("Zone.Identifier", "zone"), ("empty", "")),
                Entries.File("Files/large", large));

        Assert.Equal("text|Zone.Identifier=zone|empty=", Read(tree, "Files/A"));
        Assert.Equal(large, Read(tree, "Files/large"));
        Assert.Equal("", Read(tree, "Files"));
        Assert.Throws<FileNotFoundException>(() => tree.OpenRead(LayerPath.Parse("Files/none")));
    }

    [Theory]
    [InlineData("Files/CON")]
    [InlineData("Files/dot.")]
    [InlineData("Files/space ")]
    [InlineData("Files/😀")]
    public void Create_OddName_ReadsBack(string name)
    {
        using ILayerTree tree = Written(Entries.Directory("Files"), Entries.File(name, "odd"));

        Assert.Equal("odd", Read(tree, name));
        Assert.Equal(name[6..], Assert.Single(tree.Enumerate(LayerPath.Parse("Files"))).Path.Name.ToString());
    }

    [Fact]
    public void Link_IsAFurtherNameOfTheFile_AndTakesThePlaceOfWhatHasIt()
    {
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        Add(volume, Entries.File("Files/a", "a"));
        Add(volume, Entries.File("Files/old", "old"));
        volume.Link(LayerPath.Parse("Files/l"), LayerPath.Parse("FILES/A"), volume);
        volume.Link(LayerPath.Parse("Files/again"), LayerPath.Parse("Files/l"), volume);
        volume.Link(LayerPath.Parse("Files/OLD"), LayerPath.Parse("Files/a"), volume);
        ILayerTree tree = Finish(volume);

        Assert.All(["Files/a", "Files/l", "Files/again", "Files/old"], name => Assert.Equal("a", Read(tree, name)));
        Assert.Equal(4, tree.Enumerate(LayerPath.Parse("Files")).Count());
    }

    [Fact]
    public void Link_IntoAnotherLayer_IsThatLayersFile()
    {
        using ILayerTree parent = Written(Entries.Directory("Files"), Entries.File("Files/a", "below"));
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        volume.Link(LayerPath.Parse("Files/l"), LayerPath.Parse("Files/A"), parent);
        ILayerTree tree = Finish(volume);

        Assert.Equal("below", Read(tree, "Files/l"));
        Assert.Equal("below", Read(parent, "Files/a"));
    }

    [Fact]
    public void Remove_TakesThePathAndAllBelowIt_AndNothingElse()
    {
        using ILayerVolume volume = CreateVolume();
        foreach (LayerEntry entry in new[]
        {
            Entries.Directory("Files"), Entries.Directory("Files/d"), Entries.Directory("Files/d/e"), Entries.File("Files/d/e/x"),
                Entries.File("Files/dx"),
        })
        {
            Add(volume, entry);
        }

        volume.Remove(LayerPath.Parse("FILES/D"));
        volume.Remove(LayerPath.Parse("Files/none"));
        ILayerTree tree = Finish(volume);

        Assert.Equal(["dx"], tree.Enumerate(LayerPath.Parse("Files")).Select(node => node.Path.Name.ToString()));
        Assert.Null(tree.Find(LayerPath.Parse("Files/d/e/x")));
    }

    [Fact]
    public void Create_WhereSomethingWasRemoved_IsNew()
    {
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        Add(volume, Entries.Directory("Files/d"));
        Add(volume, Entries.File("Files/d/x"));
        volume.Remove(LayerPath.Parse("Files/d"));
        Add(volume, Entries.File("Files/D", "file"));
        ILayerTree tree = Finish(volume);

        Assert.Equal("file", Read(tree, "Files/d"));
    }

    [Fact]
    public void UpdateDirectory_ReplacesMetadata_AndKeepsTheContents()
    {
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        Add(volume, Entries.File("Files/x", "x"));
        LayerEntry described = Described("files");
        volume.UpdateDirectory(described.Path, described.Metadata, new Entries.TextContent("", [("s", "stream")]));
        ILayerTree tree = Finish(volume);

        Assert.Equal("x", Read(tree, "Files/x"));
        Assert.Equal("|s=stream", Read(tree, "Files"));
        if (ReadsMetadata)
            Assert.Equal(described.Metadata, tree.ReadMetadata(LayerPath.Parse("Files")));
    }

    [Fact]
    public void ReadMetadata_IsWhatWasWritten()
    {
        Assert.SkipUnless(ReadsMetadata, "The volume does not read metadata.");
        LayerEntry directory = Described("Files"), file = Entries.File("Files/f"), junction = Entries.Junction("Files/j");
        using ILayerTree tree = Written(directory, file, junction);

        Assert.All([directory, file, junction], entry => Assert.Equal(entry.Metadata, tree.ReadMetadata(entry.Path)));
        Assert.Throws<FileNotFoundException>(() => tree.ReadMetadata(LayerPath.Parse("Files/none")));
    }

    [Fact]
    public void SetDirectoryTimes_AfterTheDirectoryWasFilled_EverythingReadsAsItWasMade()
    {
        using ILayerVolume volume = CreateVolume();
        LayerEntry directory = Described("Files");
        Add(volume, directory);
        Add(volume, Entries.File("Files/x"));
        volume.SetDirectoryTimes(LayerPath.Parse("FILES"), directory.Metadata.Attributes, directory.Metadata.Times);
        ILayerTree tree = Finish(volume);

        if (ReadsMetadata)
            Assert.Equal(directory.Metadata, tree.ReadMetadata(LayerPath.Parse("Files")));
    }

    [Fact]
    public void CreateFile_Thousands_AllReadBack()
    {
        const int count = 2000;
        using ILayerVolume volume = CreateVolume();
        Add(volume, Entries.Directory("Files"));
        for (int i = 0; i < count; i++)
            Add(volume, Entries.File($"Files/{i:D4}", i.ToString()));
        ILayerTree tree = Finish(volume);

        Assert.Equal(count, tree.Enumerate(LayerPath.Parse("Files")).Count());
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal((i * 100).ToString(), Read(tree, $"Files/{i * 100:D4}")));
    }

    private static LayerEntry Described(string name) => new()
    {
        Kind = LayerEntryKind.Directory,
        Path = LayerPath.Parse(name),
        TarName = name,
        Metadata = new FileMetadata
        {
            Attributes = FileAttributes.Directory | FileAttributes.Hidden,
            Times = new FileTimes(FileTime.FromUnix(1_600_000_000, 1), FileTime.FromUnix(1_700_000_010, 2),
                FileTime.FromUnix(1_700_000_000, 3), FileTime.FromUnix(1_700_000_020, 4)),
            Security = SecurityDescriptor.FromSddl("O:BAG:BAD:(A;;FA;;;BA)"),
            ExtendedAttributes = ExtendedAttributes.FromItems([new ExtendedAttribute("NAME", new byte[] { 1, 2, 3 })]),
        },
    };

    private static void Add(ILayerVolume volume, LayerEntry entry)
    {
        if (entry.Kind is LayerEntryKind.Directory)
            volume.CreateDirectory(entry.Path, entry.Metadata, entry.Content);
        else
            volume.CreateFile(entry.Path, entry.Metadata, entry.Content);
    }

    // A volume that writes behind the caller's back may tell of a failure at the end.
    private static void Completed(ILayerVolume volume, Action action)
    {
        action();
        volume.Complete();
    }

    private static string Read(ILayerTree tree, string name)
    {
        using OpenContent content = tree.OpenRead(LayerPath.Parse(name));
        var text = new StringBuilder(new StreamReader(content.Data).ReadToEnd());
        while (content.NextStream() is { } stream)
            text.Append('|').Append(stream.Name).Append('=').Append(new StreamReader(stream.Data).ReadToEnd());
        return text.ToString();
    }

    private ILayerTree Written(params LayerEntry[] entries)
    {
        ILayerVolume volume = CreateVolume();
        foreach (LayerEntry entry in entries)
            Add(volume, entry);
        return Finish(volume);
    }
}

public sealed class RecordingVolumeConformance : LayerVolumeConformance
{
    protected override ILayerVolume CreateVolume() => new RecordingVolume();
}
