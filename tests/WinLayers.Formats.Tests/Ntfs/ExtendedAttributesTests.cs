using WinLayers.Formats.Ntfs;
using static WinLayers.Formats.Tests.Ntfs.Security.DescriptorBytes;

namespace WinLayers.Formats.Tests.Ntfs;

public sealed class ExtendedAttributesTests
{
    // FOO=bar as the reference encodes it (golden case base-eas-streams).
    private const string ReferenceList = "00000000 00 03 0300 464F4F 00 626172 00";

    private const string TwoItems = "10000000 00 03 0300 464F4F 00 626172 00 00000000 80 01 0000 5A 00 0000";

    [Fact]
    public void FromItems_OneItem_IsWhatTheReferenceWrites() =>
        Assert.Equal(Hex(ReferenceList), ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray())]).List.ToArray());

    [Fact]
    public void FromItems_RecordedLists_ComeBackTheSame()
    {
        byte[][] lists =
            [.. RecordedEntry.Of("base-eas-streams").SelectMany(entry => entry.Records).Where(record => record.Kind == "ea")
            .Select(record => record.Bytes)];

        Assert.Equal(2, lists.Length);
        foreach (byte[] list in lists)
            Assert.Equal(list, ExtendedAttributes.FromItems(ExtendedAttributes.FromList(list).Items).List.ToArray());
    }

    [Fact]
    public void FromItems_Several_AreSortedByNameOrdinal()
    {
        ExtendedAttributes attributes = ExtendedAttributes.FromItems([new("Z", default, 0x80), new("FOO", "bar"u8.ToArray())]);

        Assert.Equal(Hex(TwoItems), attributes.List.ToArray());
        Assert.Equal([new("FOO", "bar"u8.ToArray()), new("Z", default, 0x80)], attributes.Items);
        Assert.Equal(["B", "a", "ä"],
            ExtendedAttributes.FromItems([new("ä", default), new("a", default), new("B", default)]).Items.Select(item => item.Name));
    }

    [Fact]
    public void FromList_LastItemWithoutItsPadding_IsKeptAsItIs()
    {
        byte[] list = Hex("00000000 00 03 0300 464F4F 00 626172");

        ExtendedAttributes attributes = ExtendedAttributes.FromList(list);

        Assert.Equal(list, attributes.List.ToArray());
        Assert.Equal(new ExtendedAttribute("FOO", "bar"u8.ToArray()), Assert.Single(attributes.Items));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000 00 03 03")] // the header cut
    [InlineData("00000000 00 03 0300 464F4F 00 6261")] // the value cut
    [InlineData("00000000 00 00 0300 00 626172")] // no name
    [InlineData("00000000 00 03 0300 464F4F 58 626172 00")] // no NUL after the name
    [InlineData("00000000 00 03 0300 460046 00 626172 00")] // a NUL inside the name
    [InlineData("00000000 00 02 0000 C328 00 00")] // ill-formed UTF-8
    [InlineData("00000000 00 03 0300 464F4F 00 626172 00 00000000")] // bytes after the last item
    [InlineData("10000000 00 03 0300 464F4F 00 626172 00")] // a next item that is not there
    [InlineData("10000000 00 03 0300 464F4F 00 626172")] // cut inside the padding before the next item (found by fuzzing)
    [InlineData("04000000 00 03 0300 464F4F 00 626172 00 00000000 80 01 0000 5A 00 0000")] // a next item inside this one
    [InlineData("11000000 00 03 0300 464F4F 00 626172 00 00 00000000 80 01 0000 5A 00 0000")] // unaligned
    [InlineData("14000000 00 03 0300 464F4F 00 626172 00 00000000 00000000 80 01 0000 5A 00 0000")] // a gap
    [InlineData("F0FFFFFF 00 03 0300 464F4F 00 626172 00")] // backwards
    public void FromList_Malformed_IsRefused(string hex) =>
        Assert.Equal(NtfsRules.ExtendedAttributes, Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromList(Hex(hex))).Rule);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void FromItems_BadName_IsRefused(string name) =>
        Assert.Equal(NtfsRules.ExtendedAttributes,
            Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromItems([new(name, default)])).Rule);

    [Fact]
    public void FromItems_HalfASurrogatePair_IsRefused() =>
        Assert.Equal(NtfsRules.ExtendedAttributes,
            Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromItems([new("\ud800", default)])).Rule);

    [Fact]
    public void FromItems_NoItems_IsABugOfTheCaller() => Assert.Throws<ArgumentException>(() => ExtendedAttributes.FromItems([]));

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void FromItems_LongName_KeepsToEightBitsOfLength(int length, bool fits)
    {
        ExtendedAttribute item = new(new string('N', length), default);
        if (fits)
            Assert.Equal(item, Assert.Single(ExtendedAttributes.FromItems([item]).Items));
        else
            Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromItems([item]));
    }

    [Theory]
    [InlineData(65_526 - 4, true)] // 8 + 1 + 1 + value, padded to 4, within 65,536
    [InlineData(65_526, true)]
    [InlineData(65_527, false)]
    [InlineData(65_535, false)]
    public void FromItems_WholeList_KeepsToTheLimit(int length, bool fits)
    {
        ExtendedAttribute item = new("N", new byte[length]);
        if (fits)
            Assert.Equal(item, Assert.Single(ExtendedAttributes.FromItems([item]).Items));
        else
            Assert.Equal(NtfsRules.ExtendedAttributesSize,
                Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromItems([item])).Rule);
    }

    [Theory]
    [InlineData(65_535, true)]
    [InlineData(65_536, false)]
    public void FromItems_RaisedLimit_StillKeepsToSixteenBitsOfValue(int length, bool fits)
    {
        LayerLimits raised = new() { ExtendedAttributeBytes = 1 << 20 };
        ExtendedAttribute item = new("N", new byte[length]);
        if (fits)
            Assert.Equal(item, Assert.Single(ExtendedAttributes.FromItems([item], raised).Items));
        else
            Assert.Equal(NtfsRules.ExtendedAttributesSize,
                Assert.Throws<LayerRefusedException>(() => ExtendedAttributes.FromItems([item], raised)).Rule);
    }

    [Fact]
    public void Equality_IsThatOfTheBytes()
    {
        ExtendedAttributes one = ExtendedAttributes.FromList(Hex(TwoItems)), same = ExtendedAttributes.FromList(Hex(TwoItems));

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, ExtendedAttributes.FromList(Hex(ReferenceList)));
    }
}
