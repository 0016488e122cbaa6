using System.Text;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>Every kind of header that tars come with reads as the same entry.</summary>
public sealed class HeaderFormatTests
{
    private const string LongName =
        "Files/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/b.txt";

    [Theory]
    [InlineData("\0\0\0\0\0\0\0\0", '0')]
    [InlineData("\0\0\0\0\0\0\0\0", '\0')]
    [InlineData("ustar\000", '0')]
    [InlineData("ustar\0 \0", '\0')]
    [InlineData("ustar  \0", '0')]
    [InlineData("ustar\000", '7')]
    public void Read_FileInAnyDialect_IsAFile(string magic, char type)
    {
        ReadEntry read =
            LayerTar.New().Add(new TarSpec { Name = "Files/a", Magic = magic, Type = type, Body = [1, 2], Time = 5 }).Open().ReadOne();
        Assert.Equal(LayerEntryKind.File, read.Entry.Kind);
        Assert.Equal("Files\\a", read.Entry.Path.Value);
        Assert.Equal([1, 2], read.Data);
        Assert.Equal(FileTimes.All(FileTime.FromUnix(5)), read.Entry.Metadata.Times);
        Assert.Equal(FileAttributes.None, read.Entry.Metadata.Attributes);
    }

    [Theory]
    [InlineData('5', "Files/d")]
    [InlineData('5', "Files/d/")]
    [InlineData('5', "./Files/d/")]
    [InlineData('\0', "Files/d/")]
    [InlineData('0', "Files//d/")]
    public void Read_DirectoryHoweverMarked_IsADirectory(char type, string name)
    {
        ReadEntry read = LayerTar.New().Add(new TarSpec { Name = name, Type = type }).Open().ReadOne();
        Assert.Equal(LayerEntryKind.Directory, read.Entry.Kind);
        Assert.Equal("Files\\d", read.Entry.Path.Value);
        Assert.Equal(name, read.Entry.TarName);
        Assert.Equal(FileAttributes.Directory, read.Entry.Metadata.Attributes);
    }

    [Fact]
    public void Read_UstarPrefix_IsPutBeforeTheName() =>
        Assert.Equal("Files\\deep\\a",
            LayerTar.New().Add(new TarSpec { Name = "a", Prefix = "Files/deep" }).Open().ReadOne().Entry.Path.Value);

    [Fact]
    public void Read_FullPrefixAndName_AreReadToTheirLastByte()
    {
        string prefix = "Files/" + new string('p', 149);
        string name = new('n', 100);
        Assert.Equal($"{prefix}/{name}", LayerTar.New().Add(new TarSpec { Name = name, Prefix = prefix }).Open().ReadOne().Entry.TarName);
    }

    [Fact]
    public void Read_StarHeader_HasAShorterPrefixAndTimes()
    {
        ReadEntry read = LayerTar.New().Add(new TarSpec
        {
            Name = "a",
            Prefix = "Files",
            Time = 1,
            Patches = [(476, "00000000002\0"u8.ToArray()), (488, "00000000003\0"u8.ToArray()), (508, "tar\0"u8.ToArray())],
        }).Open().ReadOne();
        Assert.Equal("Files\\a", read.Entry.Path.Value);
        Assert.Equal(FileTime.FromUnix(2), read.Entry.Metadata.Times.Access);
        Assert.Equal(FileTime.FromUnix(3), read.Entry.Metadata.Times.Change);
    }

    [Fact]
    public void Read_GnuHeaderWithTimes_HasThemAndNoPrefix()
    {
        ReadEntry read = LayerTar.New().Add(new TarSpec
        {
            Name = "Files/a",
            Magic = "ustar  \0",
            Time = 1,
            Patches = [(345, "00000000002\0"u8.ToArray()), (357, "00000000003\0"u8.ToArray())],
        }).Open().ReadOne();
        Assert.Equal("Files\\a", read.Entry.Path.Value);
        Assert.Equal(new FileTimes(FileTime.FromUnix(1), FileTime.FromUnix(2), FileTime.FromUnix(1), FileTime.FromUnix(3)),
            read.Entry.Metadata.Times);
    }

    [Fact]
    public void Read_GnuLongNames_ReplaceTheHeaders()
    {
        LayerEntry entry = LayerTar.New()
            .Add(new TarSpec { Name = LongName[..100], Type = '1', LinkName = "cut", GnuLongName = LongName, GnuLongLink = LongName + "2" })
            .Open().ReadOne().Entry;
        Assert.Equal(LongName, entry.TarName);
        Assert.Equal(LongName.Replace('/', '\\') + "2", entry.LinkTarget.Value);
    }

    [Fact]
    public void Read_PaxNames_ReplaceTheHeaders()
    {
        LayerEntry entry = LayerTar.New().HardLink(LongName, LongName + "2").Open().ReadOne().Entry;
        Assert.Equal(LongName, entry.TarName);
        Assert.Equal(LongName.Replace('/', '\\') + "2", entry.LinkTarget.Value);
    }

    [Fact]
    public void Read_LongNamesOfOneEntry_DoNotReachTheNext()
    {
        List<ReadEntry> all = LayerTar.New()
            .Add(new TarSpec { Name = "cut", GnuLongName = LongName })
            .File("Files/b")
            .File("Files/x", "", ("path", "Files/c"))
            .File("Files/d")
            .Open().ReadAll();
        Assert.Equal([LongName, "Files/b", "Files/c", "Files/d"], all.Select(read => read.Entry.TarName));
    }

    [Theory]
    [InlineData("00000000003\0")]
    [InlineData("          3 ")]
    [InlineData("3\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData(" 0000000003 ")]
    [InlineData("000000000003")]
    [InlineData("\0 00000003\0 ")]
    public void Read_SizeInAnyOctalForm_IsTheSize(string field) =>
        Assert.Equal("abc",
            LayerTar.New().Add(new TarSpec { Name = "Files/a", Body = "abc"u8.ToArray(), SizeField = Encoding.ASCII.GetBytes(field) })
            .Open().ReadOne().Text);

    [Fact]
    public void Read_Base256SizeAndTime_AreNumbers()
    {
        ReadEntry read =
            LayerTar.New().Add(new TarSpec { Name = "Files/a", Body = "abc"u8.ToArray(), Base256 = true, Time = -5 }).Open().ReadOne();
        Assert.Equal("abc", read.Text);
        Assert.Equal(FileTime.FromUnix(-5), read.Entry.Metadata.Times.Write);
    }

    [Fact]
    public void Read_PaxSize_WinsOverTheHeaders() =>
        Assert.Equal("abc",
            LayerTar.New().Add(new TarSpec { Name = "Files/a", Body = "abc"u8.ToArray(), Size = 0, Pax = [("size", "3")] }).File("Files/b")
            .Open().ReadAll()[0].Text);

    [Fact]
    public void Read_SizeOfALinkOrDirectory_IsNoBody()
    {
        List<ReadEntry> all = LayerTar.New()
            .File("Files/a", "abc")
            .Add(new TarSpec { Name = "Files/b", Type = '1', LinkName = "Files/a", Size = 3 })
            .Add(new TarSpec { Name = "Files/c", Type = '2', LinkName = "a", Size = 1 })
            .Add(new TarSpec { Name = "Files/d", Type = '5', Size = 4096 })
            .File("Files/e", "x")
            .Open().ReadAll();
        Assert.Equal(5, all.Count);
        Assert.Equal("x", all[4].Text);
    }

    [Fact]
    public void Read_SignedChecksumOfOldTars_IsRight() =>
        Assert.Equal("Files\\ü",
            LayerTar.New().Add(new TarSpec { Name = "Files/ü", SignedChecksum = true }).Open().ReadOne().Entry.Path.Value);

    [Fact]
    public void Read_OffsetOfAnEntry_IsItsFirstHeader()
    {
        LayerTar tar = LayerTar.New().File("Files/a", "abc");
        long second = tar.Length;
        tar.Add(new TarSpec { Name = "cut", GnuLongName = LongName, Pax = [Pax.Attributes(0x20)] }).Global(("comment", "x"));
        long third = tar.Length;
        tar.File("Files/c");
        Assert.Equal([0, second, third], tar.Open().ReadAll().Select(read => read.Entry.TarOffset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(10240)]
    public void Read_End_IsZeroBlocksOrTheEndOfTheStream(int zeros)
    {
        byte[] tar = [.. LayerTar.New().File("Files/a", "abc").ToUnfinished(), .. new byte[zeros]];
        TrickleStream stream = new(tar, 700);
        using LayerTarReader reader = new(stream);
        Assert.NotNull(reader.Read());
        Assert.Null(reader.Read());
        Assert.Null(reader.Read());
        Assert.True(stream.ReachedEnd);
        Assert.Equal(tar.Length, reader.Position);
        Assert.Equal(zeros > 0, reader.HasEnd);
        Assert.False(reader.HasTrailingData);
    }

    [Fact]
    public void Read_BytesBehindTheEnd_ArePassedOverAndToldOf()
    {
        byte[] tar = [.. LayerTar.New().File("Files/a").ToArray(), .. new byte[5000], 1];
        using LayerTarReader reader = new(new MemoryStream(tar));
        Assert.Single(reader.ReadAll());
        Assert.Equal(tar.Length, reader.Position);
        Assert.True(reader.HasTrailingData);
    }

    [Fact]
    public void Read_EmptyStream_HasNoEntries() => Assert.Empty(new MemoryStream().ReadAll());

    [Fact]
    public void Read_RootDirectory_IsPassedOver() =>
        Assert.Equal("./Files", LayerTar.New().Directory("./").Directory(".").Directory("./Files").Open().ReadOne().Entry.TarName);

    [Fact]
    public void Dispose_Stream_IsLeftOpenUnlessAsked()
    {
        MemoryStream tar = LayerTar.New().Open();
        new LayerTarReader(tar).Dispose();
        Assert.True(tar.CanRead);
        new LayerTarReader(tar, leaveOpen: false).Dispose();
        Assert.False(tar.CanRead);
    }
}
