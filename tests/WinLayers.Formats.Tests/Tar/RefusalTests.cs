using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>What is wrong with a tar, and the rule it is refused by.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, LayerTar> Broken => new()
    {
        { "tar-checksum", LayerTar.New().Add(new TarSpec { Name = "Files/a", ChecksumError = 1 }) },
        { "tar-checksum", LayerTar.New().Raw(Encoding.ASCII.GetBytes(new string('x', 512))) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", SizeField = "0000000000x\0"u8.ToArray() }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", SizeField = "00 00000003\0"u8.ToArray() }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", Size = -1 }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", Base256 = true, Size = long.MaxValue }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", SizeField = [0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", SizeField = [0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "Files/a", TimeField = "yesterday\0\0\0"u8.ToArray() }) },
        { "tar-number", LayerTar.New().Add(new TarSpec { Name = "a", Magic = "ustar  \0", Prefix = "Files/no/time" }) },
        { "tar-end", LayerTar.New().File("Files/a").Raw(new byte[512]).File("Files/b") },
        { "tar-header-order", LayerTar.New().Raw(Member('x', "6 a=b\n"u8)).File("Files/a", "", Pax.Attributes(0)) },
        { "tar-header-order",
            LayerTar.New().Raw(Member('L', "Files/b\0"u8)).Add(new TarSpec { Name = "Files/a", GnuLongName = "Files/b" }) },
        { "tar-header-order",
            LayerTar.New().Raw(Member('K', "Files/b\0"u8)).Add(new TarSpec { Name = "Files/a", Type = '1', GnuLongLink = "Files/b" }) },
        { "tar-header-order", LayerTar.New().Add(new TarSpec { Name = "Files/a", GnuLongName = "Files/b", Pax = [("path", "Files/c")] }) },
        { "tar-header-order",
            LayerTar.New()
            .Add(new TarSpec { Name = "Files/a", Type = '2', LinkName = "x", GnuLongLink = "b", Pax = [("linkpath", "c")] }) },
        { "tar-header-order", LayerTar.New().File("Files/a").Raw(Member('x', "6 a=b\n"u8)) },
        { "tar-header-order", LayerTar.New().Raw(Member('x', "6 a=b\n"u8)).Global(("mtime", "1")).File("Files/a") },
        { "tar-header-order", LayerTar.New().Raw(Member('L', "Files/b\0"u8)).Global(("mtime", "1")).File("Files/a") },
        { "tar-header-order", LayerTar.New().Raw(Member('K', "Files/b\0"u8)).Global(("mtime", "1")).HardLink("Files/a", "x") },
        { "tar-header-order", LayerTar.New().File("Files/a").Raw(Member('L', "Files/b\0"u8)) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = '3' }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = '4' }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = '6' }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = 'V' }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = 'M' }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = 'X', Body = [1] }) },
        { "tar-entry-type", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = '\u0001' }) },
        { "tar-sparse", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = 'S', Magic = "ustar  \0" }) },
        { "tar-sparse",
            LayerTar.New().File("Files/a", "", ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "Files/b")) },
        { "tar-sparse", LayerTar.New().File("Files/a", "", ("GNU.sparse.map", "0,1")) },
        { "tar-sparse", LayerTar.New().File("Files/a", "", ("GNU.sparse.size", "10")) },
        { "tar-sparse", LayerTar.New().Global(("GNU.sparse.size", "10")).File("Files/a") },
        { "tar-name", LayerTar.New().File("") },
        { "tar-kind", LayerTar.New().File("Files/a/", "body") },
        { "tar-kind", LayerTar.New().File("Files/a", "", Pax.Attributes(0x10)) },
        { "tar-root-entry", LayerTar.New().SymbolicLink(".", "elsewhere") },
        { "tar-root-entry", LayerTar.New().File("./.", "text") },
        { "tar-root-entry", LayerTar.New().Add(new TarSpec { Name = ".", Type = '1', LinkName = "Files/a" }) },
        { "tar-link-target", LayerTar.New().HardLink("Files/a", "") },
        { "tar-link-target", LayerTar.New().HardLink("Files/a", "/") },
        { "tar-link-target", LayerTar.New().SymbolicLink("Files/a", "") },
        { "name-traversal", LayerTar.New().HardLink("Files/a", "Files/../../b") },
        { "name-traversal", LayerTar.New().File("../a") },
        { "name-rooted", LayerTar.New().File("/Files/a") },
        { "name-backslash", LayerTar.New().File("Files\\a") },
        { "name-control", LayerTar.New().File("Files/a\n") },
        { "name-control", LayerTar.New().File("Files/a\u007f") },
        { "name-control", LayerTar.New().Directory("Files/\u0085/a") },
        { "name-control", LayerTar.New().HardLink("Files/a", "Files/\u009b31m") },
        { "name-control", LayerTar.New().Whiteout("Files/\u0080") },
        { "name-control", LayerTar.New().File("x", "", ("path", "Files/a\0b")) },
        { "name-control", LayerTar.New().Add(new TarSpec { Name = "Files/a", Type = '1', LinkName = "x", Pax = [("linkpath", "a\0b")] }) },
        { "name-encoding", LayerTar.New().Add(new TarSpec { Name = "Files/a", Patches = [(7, [0xFF])] }) },
        { "name-encoding", LayerTar.New().Raw(Member('x', [.. "11 path="u8, 0xC0, 0x80, (byte)'\n'])).File("Files/a") },
        { "name-component-length", LayerTar.New().File("Files/" + new string('a', 256)) },
        { "name-colon", LayerTar.New().File("Files/a:s") },
        { "name-colon", LayerTar.New().File("C:/a") },
        { "name-colon", LayerTar.New().File("Files/a").File("Files/b").Stream("Files/a", "s") },
        { "name-colon", LayerTar.New().HardLink("Files/b", "Files/a").Stream("Files/b", "s") },
        { "name-colon", LayerTar.New().Whiteout("Files/b").File("Files/.wh.b:s") },
        { "name-colon", LayerTar.New().Directory("./").File(".:s") },
        { "tar-stream", LayerTar.New().File("Files/a").Directory("Files/a:s") },
        { "tar-stream", LayerTar.New().File("Files/a").SymbolicLink("Files/a:s", "b") },
        { "tar-stream", LayerTar.New().File("Files/a").Stream("Files/a", "s").Stream("Files/a", "S") },
        { "stream-name", LayerTar.New().File("Files/a").Stream("Files/a", "") },
        { "stream-name", LayerTar.New().File("Files/a").Stream("Files/a", ":$DATA") },
        { "stream-name", LayerTar.New().File("Files/a").Stream("Files/a", "s:$INDEX_ALLOCATION") },
        { "stream-name", LayerTar.New().File("Files/a").Stream("Files/a", "x/y") },
        { "stream-name", LayerTar.New().File("Files/a").Stream("Files/a", new string('s', 256)) },
        { "tar-whiteout", LayerTar.New().Directory("Files/.wh.a") },
        { "tar-whiteout", LayerTar.New().SymbolicLink("Files/.wh.a", "b") },
        { "tar-whiteout", LayerTar.New().HardLink("Files/.wh.a", "Files/b") },
        { "tar-whiteout", LayerTar.New().Directory("Files/.wh..wh..opq") },
        { "tar-whiteout", LayerTar.New().File("Files/.wh.a/b") },
        { "tar-whiteout", LayerTar.New().File("Files/.wh..wh.aufs") },
        { "tar-whiteout", LayerTar.New().File(".wh..wh.plnk/1.2") },
        { "name-component", LayerTar.New().File("Files/.wh.") },
        { "name-component", LayerTar.New().File("Files/.wh..") },
        { "name-traversal", LayerTar.New().File("Files/.wh...") },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "abc")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "-1")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "+1")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "0x20")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "3 2")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", " ")) },
        { "pax-fileattr", LayerTar.New().File("Files/a", "", ("MSWINDOWS.fileattr", "4294967296")) },
        { "pax-fileattr", LayerTar.New().HardLink("Files/b", "Files/a", ("MSWINDOWS.fileattr", "x")) },
        { "pax-base64", LayerTar.New().File("Files/a", "", ("MSWINDOWS.rawsd", "!!!")) },
        { "pax-base64", LayerTar.New().File("Files/a", "", ("MSWINDOWS.rawsd", "AQAE=")) },
        { "pax-base64", LayerTar.New().File("Files/a", "", ("MSWINDOWS.xattr.A", "%")) },
        { "pax-base64", LayerTar.New().File("Files/a", "", ("MSWINDOWS.eas", "%")) },
        { "pax-base64", LayerTar.New().File("Files/a", "", ("MSWINDOWS.reparse", "%")) },
        { "pax-time", LayerTar.New().File("Files/a", "", ("mtime", "today")) },
        { "pax-time", LayerTar.New().File("Files/a", "", ("LIBARCHIVE.creationtime", "1.5e3")) },
        { "pax-time", LayerTar.New().Whiteout("Files/a").File("Files/.wh.b", "", ("atime", "--1")) },
        { "pax-number", LayerTar.New().File("Files/a", "abc", ("size", "three")) },
        { "pax-number", LayerTar.New().File("Files/a", "abc", ("size", "-3")) },
        { "pax-number", LayerTar.New().File("Files/a", "abc", ("size", "9223372036854775807")) },
        { "pax-number", LayerTar.New().File("Files/a", "abc", ("size", "3 ")) },
        { "pax-global", LayerTar.New().Global(("path", "Files/x")).File("Files/a") },
        { "pax-global", LayerTar.New().Global(("linkpath", "Files/x")).File("Files/a") },
        { "pax-global", LayerTar.New().Global(("size", "1")).File("Files/a") },
        { "reparse-point", LayerTar.New().File("Files/a", "", Pax.Reparse([1, 2, 3])) },
    };

    public static TheoryData<string> BrokenRecords =>
    [
        "x", "6 a=b", "6 a=b\n7", "06 a=b\n8 c=d\n", "5 a=b\n", "7 a=b\n", "6  a=b\n", "-6 a=b\n", "+6 a=b\n", "6a=b\n", "5 =b\n", "4 a\n",
            "2 \n", "1\n", "0 a=b\n",
        "99999999999999999999 a=b\n", "8 a\0b=c\n", "\0\0\0\0", "6 a=b\n\0\0\0",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void Read_BrokenTar_IsRefusedByItsRule(string rule, LayerTar tar)
    {
        LayerRefusedException refusal = Assert.Throws<LayerRefusedException>(() => tar.Open().ReadAll());
        Assert.Equal(rule, refusal.Rule.Name);
        Assert.NotNull(refusal.TarOffset);
    }

    [Theory]
    [MemberData(nameof(BrokenRecords))]
    public void Read_BrokenPaxRecord_IsRefused(string bytes) =>
        LayerTar.New().Add(new TarSpec { Name = "Files/a", RawPax = Encoding.UTF8.GetBytes(bytes) }).Open()
            .AssertRefused(TarRules.PaxSyntax);

    [Fact]
    public void Read_RefusedEntry_SaysWhichAndWhere()
    {
        LayerTar tar = LayerTar.New().File("Files/a", "abc");
        long second = tar.Length;
        LayerRefusedException refusal =
            tar.File("Files/b", "", Pax.Attributes(0x20), ("mtime", "x")).Open().AssertRefused(TarRules.PaxTime);
        Assert.Equal("Files/b", refusal.EntryName);
        Assert.Equal(second, refusal.TarOffset);
    }

    [Fact]
    public void Read_AfterARefusedEntry_GoesOnBehindItAndItsStreams()
    {
        using LayerTarReader reader = new(LayerTar.New()
            .File("Files/a", "abc", ("MSWINDOWS.fileattr", "x")).Stream("Files/a", "s", "t")
            .File("Files/b:", "no stream")
            .File("Files/c", "ok")
            .Open());
        Assert.Same(TarRules.Attributes, Assert.Throws<LayerRefusedException>(reader.Read).Rule);
        Assert.Same(NameRules.Colon, Assert.Throws<LayerRefusedException>(reader.Read).Rule);
        Assert.Equal("ok", Assert.Single(reader.ReadAll()).Text);
    }

    [Fact]
    public void Read_AfterDamage_StaysRefused()
    {
        using LayerTarReader reader = new(LayerTar.New().Add(new TarSpec { Name = "Files/a", ChecksumError = 1 }).File("Files/b").Open());
        Assert.Same(TarRules.Checksum, Assert.Throws<LayerRefusedException>(reader.Read).Rule);
        Assert.Same(TarRules.Checksum, Assert.Throws<LayerRefusedException>(reader.Read).Rule);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void Read_EntryLimit_IsKept(int entries, bool refused)
    {
        LayerLimits limits = new() { Entries = 3 };
        LayerTar tar = LayerTar.New();
        for (int i = 0; i < entries; i++)
            tar.File($"Files/{i}", "", Pax.Attributes(0));
        if (refused)
            tar.Open().AssertRefused(TarRules.EntryCount, limits);
        else
            Assert.Equal(entries, tar.Open().ReadAll(limits).Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Read_PaxLimit_IsKept(int over, bool refused)
    {
        byte[] records = TarSpec.PaxBytes([("comment", new string('x', 2000))]);
        LayerLimits limits = new() { PaxBytes = records.Length - over };
        MemoryStream tar = LayerTar.New().Add(new TarSpec { Name = "Files/a", RawPax = records }).Open();
        if (refused)
            tar.AssertRefused(TarRules.PaxSize, limits);
        else
            Assert.Single(tar.ReadAll(limits));
    }

    [Fact]
    public void Read_GlobalHeadersTogether_KeepThePaxLimit()
    {
        LayerLimits limits = new() { PaxBytes = 5000 };
        LayerTar tar = LayerTar.New();
        for (int i = 0; i < 3; i++)
            tar.Global(("comment", new string('x', 2000)));
        tar.File("Files/a").Open().AssertRefused(TarRules.PaxSize, limits);
    }

    [Fact]
    public void Read_LongNameOverTheLimit_IsRefusedBeforeItIsRead() =>
        new MemoryStream([.. Member('L', [], size: 1L << 32)]).AssertRefused(TarRules.PaxSize);

    private static byte[] Member(char type, ReadOnlySpan<byte> body, long? size = null)
    {
        byte[] bytes = body.ToArray();
        return LayerTar.New().Add(new TarSpec { Name = "header", Type = type, Body = bytes, Size = size ?? bytes.Length }).ToUnfinished();
    }
}
