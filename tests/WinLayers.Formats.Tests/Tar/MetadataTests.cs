using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>PAX records of both dialects become the same NTFS metadata.</summary>
public sealed class MetadataTests
{
    // Owner Administrators, group SYSTEM, no lists.
    private static readonly byte[] Descriptor =
    [
        1, 0, 0, 0x80, 20, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0,
        1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
    ];

    private static readonly byte[] OneAttribute =
        [0, 0, 0, 0, 0, 3, 3, 0, (byte)'F', (byte)'O', (byte)'O', 0, (byte)'b', (byte)'a', (byte)'r', 0];

    [Fact]
    public void Read_FourTimes_AreReadTo100Nanoseconds()
    {
        FileMetadata metadata =
            Read(Pax.Created("1600000000.0000001"), Pax.Accessed("1700000010.7654321"), Pax.Written("1700000000.1234567"),
            Pax.Changed("1700000020.5"));
        Assert.Equal(
            new FileTimes(new(132444736000000001), new(133444736107654321), new(133444736001234567), new(133444736205000000)),
            metadata.Times);
    }

    [Fact]
    public void Read_MissingTimes_AreTheModificationTime() =>
        Assert.Equal(FileTimes.All(FileTime.FromUnix(7, 5)), Read(Pax.Written("7.0000005")).Times);

    [Theory]
    [InlineData("-11644473601")]
    [InlineData("999999999999999")]
    public void Read_TimeThatNtfsDoesNotHave_LeavesTheTimeAlone(string text) =>
        Assert.Equal(default, Read(Pax.Written("7"), Pax.Created(text)).Times.Creation);

    [Fact]
    public void Read_UnknownAttributeBits_AreKept() =>
        Assert.Equal(0xFFFF_FFEFu, (uint)Read(Pax.Attributes(0xFFFF_FFEF)).Attributes);

    [Theory]
    [InlineData("32 ")]
    [InlineData(" 32")]
    [InlineData("\t32\t")]
    public void Read_AttributesWithBlanksAround_MeanTheSame(string text) =>
        Assert.Equal(FileAttributes.Archive, Read(("MSWINDOWS.fileattr", text)).Attributes);

    [Fact]
    public void Read_OfTwoRecordsWithOneKey_TheLaterWins() =>
        Assert.Equal(FileAttributes.Hidden, Read(Pax.Attributes(1), Pax.Attributes(2)).Attributes);

    [Fact]
    public void Read_EmptyRecord_TakesTheValueAway()
    {
        LayerTar tar =
            LayerTar.New().Global(Pax.Attributes(0x20), Pax.Written("50"))
            .File("Files/a", "", ("MSWINDOWS.fileattr", ""), ("mtime", ""), ("path", ""));
        LayerEntry entry = tar.Open().ReadOne().Entry;
        Assert.Equal(FileAttributes.None, entry.Metadata.Attributes);
        Assert.Equal(FileTime.FromUnix(0), entry.Metadata.Times.Write);
        Assert.Equal("Files/a", entry.TarName);
    }

    [Fact]
    public void Read_GlobalRecords_HoldForAllLaterEntries()
    {
        List<ReadEntry> all = LayerTar.New()
            .File("Files/a")
            .Global(Pax.Attributes(0x20), ("comment", "x"))
            .File("Files/b")
            .File("Files/c", "", Pax.Attributes(0x22))
            .Global(Pax.Written("9"))
            .File("Files/d")
            .Open().ReadAll();
        Assert.Equal([0, 0x20, 0x22, 0x20], all.Select(read => (int)read.Entry.Metadata.Attributes));
        Assert.Equal([0, 0, 0, 9], all.Select(read => read.Entry.Metadata.Times.Write.UnixTicks / FileTime.TicksPerSecond));
    }

    [Fact]
    public void Read_OneDescriptorTwice_IsDecodedOnce()
    {
        List<ReadEntry> all =
            LayerTar.New().File("Files/a", "", Pax.Security(Descriptor)).File("Files/b", "", Pax.Security(Descriptor)).Open().ReadAll();
        Assert.Equal(Descriptor, all[0].Entry.Metadata.Security!.Bytes.ToArray());
        Assert.Same(all[0].Entry.Metadata.Security, all[1].Entry.Metadata.Security);
    }

    [Fact]
    public void Read_RawDescriptor_WinsOverSddl() =>
        Assert.Equal(Descriptor, Read(Pax.Sddl("not even SDDL"), Pax.Security(Descriptor)).Security!.Bytes.ToArray());

    [Fact]
    public void Read_Sddl_IsADescriptor() =>
        Assert.Equal(SecurityDescriptor.FromSddl("O:BAG:SY"), Read(Pax.Sddl("O:BAG:SY")).Security);

    [Fact]
    public void Read_MoreDescriptorsThanTheCacheHolds_AreAllRight()
    {
        LayerTar tar = LayerTar.New();
        byte[] Numbered(int i) => [.. Descriptor[..^4], (byte)i, (byte)(i >> 8), 0, 0, .. new byte[4000]];
        for (int i = 0; i < 1200; i++)
            tar.File($"Files/{i}", "", Pax.Security(Numbered(i)));
        List<ReadEntry> all = tar.Open().ReadAll();
        for (int i = 0; i < all.Count; i++)
            Assert.Equal(Numbered(i), all[i].Entry.Metadata.Security!.Bytes.ToArray());
    }

    [Fact]
    public void Read_ExtendedAttributesInBothDialects_AreTheSame()
    {
        Assert.Equal(OneAttribute, Read(Pax.ExtendedAttribute("FOO", "bar"u8.ToArray())).ExtendedAttributes!.List.ToArray());
        Assert.Equal(OneAttribute, Read(Pax.ExtendedAttributeList(OneAttribute)).ExtendedAttributes!.List.ToArray());
    }

    [Fact]
    public void Read_SeveralExtendedAttributes_AreSortedAndUnique()
    {
        ExtendedAttributes attributes = Read(
            Pax.ExtendedAttribute("B", [1]), Pax.ExtendedAttribute("A", [2]), Pax.ExtendedAttribute("B", [3]), ("MSWINDOWS.xattr.C", ""),
                Pax.ExtendedAttributeList(OneAttribute)).ExtendedAttributes!;
        Assert.Equal(["A", "B", "C"], attributes.Items.Select(item => item.Name));
        Assert.Equal([[2], [3], []], attributes.Items.Select(item => item.Value.ToArray()));
    }

    [Fact]
    public void Read_SymbolicLink_IsAReparsePoint()
    {
        LayerEntry file = LayerTar.New().SymbolicLink("Files/l", "a/b.txt", Pax.Attributes(0x420)).Open().ReadOne().Entry;
        Assert.Equal(LayerEntryKind.File, file.Kind);
        Assert.Equal("a\\b.txt", file.Metadata.Reparse!.PrintName);
        LayerEntry directory = LayerTar.New().SymbolicLink("Files/l", "C:\\Windows", Pax.Attributes(0x410)).Open().ReadOne().Entry;
        Assert.Equal(LayerEntryKind.Directory, directory.Kind);
        Assert.True(directory.Metadata.Reparse!.IsSymbolicLink);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0x400u)]
    public void Read_MountPoint_IsADirectoryWhateverItsAttributesSay(uint? attributes)
    {
        LayerTar tar =
            LayerTar.New()
            .SymbolicLink("Files/j", "\\??\\C:\\x", attributes is { } bits ? [Pax.Attributes(bits), Pax.MountPoint] : [Pax.MountPoint]);
        LayerEntry entry = tar.Open().ReadOne().Entry;
        Assert.Equal(LayerEntryKind.Directory, entry.Kind);
        Assert.Equal(FileAttributes.Directory | FileAttributes.ReparsePoint, entry.Metadata.Attributes);
        Assert.True(entry.Metadata.Reparse!.IsMountPoint);
    }

    [Fact]
    public void Read_WholeReparseBuffer_WinsOverTheLinkName()
    {
        byte[] buffer = [0x17, 0, 0, 0x80, 4, 0, 0, 0, 1, 2, 3, 4];
        Assert.Equal(buffer, Read(Pax.Reparse(buffer)).Reparse!.Buffer.ToArray());
        LayerEntry link = LayerTar.New().SymbolicLink("Files/l", "elsewhere", Pax.Reparse(buffer)).Open().ReadOne().Entry;
        Assert.Equal(buffer, link.Metadata.Reparse!.Buffer.ToArray());
    }

    [Fact]
    public void Read_HardLink_HasTargetAttributesAndTimesAlone()
    {
        LayerEntry link =
            LayerTar.New().HardLink("Files/b", "/Files/a", Pax.Attributes(0x21), Pax.Written("3"), Pax.Security(Descriptor)).Open()
            .ReadOne().Entry;
        Assert.Equal(LayerEntryKind.HardLink, link.Kind);
        Assert.Equal("Files\\a", link.LinkTarget.Value);
        Assert.Equal(new FileMetadata { Attributes = (FileAttributes)0x21, Times = FileTimes.All(FileTime.FromUnix(3)) }, link.Metadata);
    }

    [Theory]
    [InlineData("Files/.wh.a", LayerEntryKind.Whiteout, "Files\\a")]
    [InlineData("Files/.wh.wh.x", LayerEntryKind.Whiteout, "Files\\wh.x")]
    [InlineData(".wh.Files", LayerEntryKind.Whiteout, "Files")]
    [InlineData("Files/d/.wh..wh..opq", LayerEntryKind.OpaqueDirectory, "Files\\d")]
    [InlineData("Files/x.wh.y", LayerEntryKind.File, "Files\\x.wh.y")]
    [InlineData("Files/.WH.a", LayerEntryKind.File, "Files\\.WH.a")]
    [InlineData("Files/.wha", LayerEntryKind.File, "Files\\.wha")]
    public void Read_NameWithAMarker_IsWhatItMarks(string name, LayerEntryKind kind, string path)
    {
        LayerEntry entry = LayerTar.New().File(name, "a body means nothing").Open().ReadOne().Entry;
        Assert.Equal(kind, entry.Kind);
        Assert.Equal(path, entry.Path.Value);
    }

    private static FileMetadata Read(params (string Key, string Value)[] pax) =>
        LayerTar.New().File("Files/a", "", pax).Open().ReadOne().Entry.Metadata;
}
