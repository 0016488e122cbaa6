using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Tar;

/// <summary>What a global header says is made once for all entries, and counted for each.</summary>
public sealed class GlobalRecordTests
{
    private static readonly (string Key, string Value) Attribute = Pax.ExtendedAttribute("A", [1, 2, 3]);
    private static readonly (string Key, string Value) Link = Pax.Reparse([0x1B, 0, 0, 0x80, 0, 0, 0, 0]);

    private static readonly int AttributeBytes = Attribute.Key.Length + Attribute.Value.Length;

    [Fact]
    public void Read_GlobalValues_AreOneObjectForAllEntries()
    {
        LayerEntry[] entries = Read(LayerTar.New().Global(Attribute, Link).File("Files/a").Directory("Files/b").File("Files/c"));
        Assert.Equal(3, entries.Length);
        Assert.All(entries, entry => Assert.Same(entries[0].Metadata.ExtendedAttributes, entry.Metadata.ExtendedAttributes));
        Assert.All(entries, entry => Assert.Same(entries[0].Metadata.Reparse, entry.Metadata.Reparse));
        Assert.Equal("A", Assert.Single(entries[0].Metadata.ExtendedAttributes!.Items).Name);
        Assert.Equal(0x8000001Bu, entries[0].Metadata.Reparse!.Tag);
    }

    [Fact]
    public void Read_GlobalListOfAttributes_IsOneObjectToo()
    {
        byte[] list = ExtendedAttributes.FromItems([new ExtendedAttribute("L", new byte[] { 7 })]).List.ToArray();
        LayerEntry[] entries = Read(LayerTar.New().Global(Pax.ExtendedAttributeList(list)).File("Files/a").File("Files/b"));
        Assert.Same(entries[0].Metadata.ExtendedAttributes, entries[1].Metadata.ExtendedAttributes);
        Assert.Equal(list, entries[0].Metadata.ExtendedAttributes!.List.ToArray());
    }

    [Fact]
    public void Read_OwnRecordsAndFurtherGlobalHeaders_AreHeeded()
    {
        LayerEntry[] entries = Read(LayerTar.New()
            .Global(Attribute).File("Files/0").File("Files/1", "", Pax.ExtendedAttribute("B", [4])).File("Files/2")
            .Global(Pax.ExtendedAttribute("C", [5])).File("Files/3").File("Files/4", "", Pax.ExtendedAttribute("A", [6]))
            .File("Files/5", "", Pax.Reparse([0x1C, 0, 0, 0x80, 0, 0, 0, 0])));
        Assert.Equal(["A", "A B", "A", "A C", "A C", "A C"],
            entries.Select(entry => string.Join(' ', entry.Metadata.ExtendedAttributes!.Items.Select(item => item.Name))));
        Assert.Equal(6, entries[4].Metadata.ExtendedAttributes!.Items[0].Value.Span[0]);
        Assert.Equal(0x8000001Cu, entries[5].Metadata.Reparse!.Tag);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Read_BytesThatGlobalHeadersMultiply_HaveALimit(int beyond, bool isRefused)
    {
        LayerTar tar = LayerTar.New().Global(Attribute, ("mtime", "1")).File("Files/a").File("Files/b").Directory("Files/c");
        var limits = new LayerLimits { GlobalRecordBytes = (3 * AttributeBytes) + beyond };
        if (!isRefused)
        {
            Assert.Equal(3, Read(tar, limits).Length);
            return;
        }

        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Read(tar, limits));
        Assert.Equal((TarRules.PaxMultiplied, "Files/c"), (refused.Rule, refused.EntryName));
    }

    [Fact]
    public void Read_OwnRecordsInPlaceOfGlobalOnes_AreNotMultiplied()
    {
        (string Key, string Value) own = Pax.Reparse([0x1C, 0, 0, 0x80, 0, 0, 0, 0]);
        LayerTar tar = LayerTar.New().Global(Link).File("Files/a", "", own).File("Files/b", "", own);
        Assert.Equal(2, Read(tar, new LayerLimits { GlobalRecordBytes = 0 }).Length);
    }

    private static LayerEntry[] Read(LayerTar tar, LayerLimits? limits = null)
    {
        using var reader = new LayerTarReader(tar.Open(), limits);
        List<LayerEntry> entries = [];
        while (reader.Read() is { } entry)
            entries.Add(entry);
        return [.. entries];
    }
}
