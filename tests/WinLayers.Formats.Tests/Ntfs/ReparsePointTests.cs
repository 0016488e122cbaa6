using System.Formats.Tar;
using WinLayers.Formats.Ntfs;
using static WinLayers.Formats.Tests.Ntfs.Security.DescriptorBytes;

namespace WinLayers.Formats.Tests.Ntfs;

public sealed class ReparsePointTests
{
    public static IEnumerable<TheoryDataRow<string, bool, byte[]>> RecordedLinks
    {
        get
        {
            foreach (RecordedEntry entry in RecordedEntry.Of("base-reparse"))
            {
                if (entry.Records.FirstOrDefault(record => record.Kind == "reparse") is { } record)
                {
                    bool isMountPoint = ((PaxTarEntry)entry.Tar).ExtendedAttributes.ContainsKey("MSWINDOWS.mountpoint");
                    yield return new(entry.Tar.LinkName, isMountPoint, record.Bytes) { Label = entry.Path };
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(RecordedLinks))]
    public void FromTarget_LinkOfALayer_IsWhatTheReferenceWrites(string target, bool isMountPoint, byte[] expected)
    {
        ReparsePoint reparse = ReparsePoint.FromTarget(target, isMountPoint);

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(reparse.Buffer.Span));
        Assert.Equal(reparse, ReparsePoint.FromBuffer(expected));
        Assert.Equal(target.Replace('/', '\\'), reparse.PrintName);
        Assert.Equal(isMountPoint, reparse.IsMountPoint);
        Assert.Equal(!isMountPoint, reparse.IsSymbolicLink);
    }

    [Fact]
    public void RecordedLinks_AreAllThere() => Assert.Equal(9, RecordedLinks.Count());

    [Theory]
    [InlineData("a/b", "a\\b", true)]
    [InlineData("..\\x", "..\\x", true)]
    [InlineData("/x", "\\x", true)]
    [InlineData("c:\\x", "\\??\\c:\\x", false)]
    [InlineData("C:x", "\\??\\C:x", false)]
    [InlineData("//server/share", "\\??\\UNC\\server\\share", false)]
    [InlineData("\\\\?\\C:\\x", "\\??\\C:\\x", false)]
    [InlineData("\\\\?\\Volume{1}\\", "\\??\\Volume{1}\\", false)]
    [InlineData("1:\\x", "1:\\x", true)]
    [InlineData("x", "x", true)]
    public void FromTarget_SymbolicLink_HasTheSubstituteNameOfItsTarget(string target, string substitute, bool isRelative)
    {
        ReparsePoint reparse = ReparsePoint.FromTarget(target, isMountPoint: false);

        Assert.Equal(substitute, reparse.SubstituteName);
        Assert.Equal(isRelative, reparse.IsRelative);
        Assert.Equal(ReparsePoint.SymbolicLinkTag, reparse.Tag);
    }

    [Fact]
    public void FromTarget_LoneSurrogate_KeepsItsUnit() =>
        Assert.Equal("a\ud800b", ReparsePoint.FromTarget("a\ud800b", isMountPoint: false).PrintName);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void FromTarget_NoTarget_IsRefused(string target) =>
        Assert.Equal(NtfsRules.Reparse,
            Assert.Throws<LayerRefusedException>(() => ReparsePoint.FromTarget(target, isMountPoint: true)).Rule);

    [Theory]
    [InlineData(4_089, true)] // a symbolic link: 20 + (n + 1 + n + 1) × 2 bytes
    [InlineData(4_090, true)]
    [InlineData(4_091, false)]
    [InlineData(1_000_000, false)]
    public void FromTarget_LongTarget_KeepsToSixteenKiB(int length, bool fits)
    {
        string target = new('x', length);
        if (fits)
            Assert.Equal(24 + (4 * length), ReparsePoint.FromTarget(target, isMountPoint: false).Buffer.Length);
        else
            Assert.Equal(NtfsRules.ReparseSize,
                Assert.Throws<LayerRefusedException>(() => ReparsePoint.FromTarget(target, isMountPoint: false)).Rule);
    }

    [Theory]
    [InlineData(16_383, true)]
    [InlineData(16_384, true)]
    [InlineData(16_385, false)]
    public void FromBuffer_AtTheLimit_CountsTheWholeBuffer(int length, bool fits)
    {
        byte[] buffer = new byte[length];
        Hex("17000080").CopyTo(buffer, 0);
        UInt16((ushort)(length - 8)).CopyTo(buffer, 4);
        if (fits)
            Assert.Equal(buffer, ReparsePoint.FromBuffer(buffer).Buffer.ToArray());
        else
            Assert.Equal(NtfsRules.ReparseSize, Assert.Throws<LayerRefusedException>(() => ReparsePoint.FromBuffer(buffer)).Rule);
    }

    [Theory]
    [InlineData("17000080 0400 0000 01020304")] // WOF: a Microsoft tag
    [InlineData("1D0000A0 0000 0000")] // no data at all
    [InlineData("34120000 0200 0000 00112233445566778899AABBCCDDEEFF 0102")] // another vendor's, with its GUID
    public void FromBuffer_OtherTags_AreKeptAsTheyAre(string hex)
    {
        ReparsePoint reparse = ReparsePoint.FromBuffer(Hex(hex));

        Assert.Equal(Hex(hex), reparse.Buffer.ToArray());
        Assert.False(reparse.IsSymbolicLink || reparse.IsMountPoint || reparse.IsRelative);
        Assert.Equal("", reparse.SubstituteName);
        Assert.Equal("", reparse.PrintName);
    }

    [Fact]
    public void FromBuffer_PrintNameBeforeSubstituteName_ReadsBoth()
    {
        // As mklink writes it: the print name first, no NULs.
        ReparsePoint reparse = ReparsePoint.FromBuffer(Hex("0C0000A0 1200 0000 0200 0400 0000 0200 01000000 6200 6100 6300"));

        Assert.Equal("ac", reparse.SubstituteName);
        Assert.Equal("b", reparse.PrintName);
        Assert.True(reparse.IsRelative);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0C0000A0 0000 00")]
    [InlineData("00000000 0000 0000")] // reserved tags
    [InlineData("01000000 0000 0000 00112233445566778899AABBCCDDEEFF")]
    [InlineData("17000080 0500 0000 01020304")] // less data than announced
    [InlineData("17000080 0300 0000 01020304")] // more
    [InlineData("34120000 0200 0000 0102")] // another vendor's without its GUID
    [InlineData("0C0000A0 0400 0000 00000000")] // too short for names
    [InlineData("030000A0 0700 0000 00000000000000")]
    [InlineData("0C0000A0 0C00 0000 0000 0200 0000 0000 00000000")] // a name past the end
    [InlineData("0C0000A0 0E00 0000 0000 0200 0200 0200 00000000 6100")]
    [InlineData("0C0000A0 0E00 0000 FEFF FEFF 0000 0000 00000000 6100")]
    [InlineData("030000A0 0A00 0000 0000 0200 0000 0400 6100")]
    [InlineData("030000A0 0A00 0000 0000 0100 0000 0200 6100")] // odd lengths and offsets
    [InlineData("030000A0 0A00 0000 0100 0000 0000 0200 6100")]
    public void FromBuffer_Malformed_IsRefused(string hex) =>
        Assert.Equal(NtfsRules.Reparse, Assert.Throws<LayerRefusedException>(() => ReparsePoint.FromBuffer(Hex(hex))).Rule);

    [Fact]
    public void Equality_IsThatOfTheBytes()
    {
        ReparsePoint one = ReparsePoint.FromTarget("a", isMountPoint: false), same = ReparsePoint.FromTarget("a", isMountPoint: false);

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, ReparsePoint.FromTarget("b", isMountPoint: false));
        Assert.Equal(new FileMetadata { Reparse = one }, new FileMetadata { Reparse = same });
    }
}
