using System.Buffers.Binary;
using WinLayers.Formats.Hives;
using WinLayers.Testing;
using WinLayers.Testing.Hives;

namespace WinLayers.Formats.Tests.Hives;

public sealed class HiveTests
{
    private static readonly KeySpec Tree = new(
        "ROOT",
        new KeySpec("Alpha", new KeySpec("Beta"), new KeySpec("Gamma"), new KeySpec("Delta")) { List = "ri", Class = "Klasse" },
        new KeySpec("Äther") { List = "lf" },
        new KeySpec("漢字\ud800"))
    {
        Values =
        [
            ValueSpec.Text("", "default"), ValueSpec.Number("n", 42), new ValueSpec("be", 5, [0, 0, 1, 2]),
            new ValueSpec("q", 11, BitConverter.GetBytes(1UL << 40)), new ValueSpec("many", 7, "a\0b\0\0c\0"u8.ToArray().Widen()),
            new ValueSpec("x", 0xFFFF0012, [1, 2, 3, 4, 5]), new ValueSpec("short", 4, [1]), new ValueSpec("inline", 1, [0x41, 0]),
            new ValueSpec("empty", 3, []),
        ],
    };

    [Theory]
    [InlineData("lf")]
    [InlineData("lh")]
    [InlineData("li")]
    [InlineData("ri")]
    public void EnumerateKeys_EveryKindOfList_GivesAllInOrder(string list)
    {
        using Hive hive = Open(Tree with { List = list });

        Assert.Equal(
            ["", "Alpha", @"Alpha\Beta", @"Alpha\Gamma", @"Alpha\Delta", "Äther", "漢字\ud800"],
            hive.EnumerateKeys().Select(key => key.Path));
    }

    [Fact]
    public void Find_AnyCase_GivesTheKeyWithItsClassTimeAndDescriptor()
    {
        using Hive hive = Open(Tree);

        HiveKey key = Assert.IsType<HiveKey>(hive.Find(@"alpha"));

        Assert.Equal("Klasse", key.ClassName);
        Assert.Equal(132_000_000_000_000_000, key.LastWrite.Ticks);
        Assert.Equal(HiveBuilder.Sddl, key.Security?.ToSddl());
        Assert.Same(key.Security, hive.Root.Security);
        Assert.Null(hive.Find(@"Alpha\Omega"));
    }

    [Fact]
    public void Read_EveryType_SaysWhatItMeans()
    {
        using Hive hive = Open(Tree);
        HiveContent Of(string name) => Assert.IsType<HiveValue>(hive.Root.FindValue(name)).Read();

        Assert.Equal("default", Of("").Text);
        Assert.Equal(42UL, Of("N").Number);
        Assert.Equal(0x102UL, Of("be").Number);
        Assert.Equal(1UL << 40, Of("q").Number);
        Assert.Equal(["a", "b"], Of("many").Texts);
        Assert.Equal("A", Of("inline").Text);
        Assert.Null(Of("short").Number);
        Assert.Empty(Of("empty").Bytes.ToArray());
        HiveContent unknown = Of("x");
        Assert.Equal(0xFFFF0012, (uint)unknown.Type);
        Assert.Equal([1, 2, 3, 4, 5], unknown.Bytes.ToArray());
        Assert.Null(unknown.Text);
    }

    [Theory]
    [InlineData(16344, 5)]
    [InlineData(16345, 5)]
    [InlineData(200_000, 5)]
    [InlineData(200_000, 3)]
    public void Read_BigData_IsWhole(int length, int minor)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] file = HiveBuilder.Write(new KeySpec("R") { Values = [new ValueSpec("v", 3, data)] }, minor: (uint)minor);
        using Hive hive = Hive.Open(new MemoryStream(file));

        Assert.Equal(data, hive.Root.FindValue("v")!.Read().Bytes.ToArray());
    }

    [Fact]
    public void Open_DirtyWithoutLogs_IsReadAndSaysSo()
    {
        byte[] file = HiveBuilder.Write(Tree);
        file[8]--;
        HiveBuilder.Seal(file);
        using Hive hive = Hive.Open(new MemoryStream(file));

        Assert.True(hive.IsDirty);
        Assert.Equal(0, hive.AppliedLogEntries);
        Assert.Equal(7, hive.EnumerateKeys().Count());
    }

    [Fact]
    public void Open_NoHive_IsRefused()
    {
        LayerRefusedException refused = Assert.Throws<LayerRefusedException>(() => Hive.Open(new MemoryStream(new byte[5000])));
        Assert.Equal(HiveRules.BaseBlock, refused.Rule);
    }

    [Fact]
    public void Open_CannotSeek_IsAnArgumentsError() =>
        Assert.Throws<ArgumentException>(() => Hive.Open(new TrickleStream(new byte[5000])));

    [Fact]
    public void EnumerateKeys_ListOutsideTheBins_IsRefused() => AssertRefused(HiveRules.Cell, 28, 0xFFFF_FFF0);

    [Fact]
    public void EnumerateKeys_ListNotAligned_IsRefused() => AssertRefused(HiveRules.Cell, 28, 0x24);

    [Fact]
    public void EnumerateKeys_MoreValuesThanTheListHas_IsRefused() => AssertRefused(HiveRules.Cell, 36, 100_000);

    [Fact]
    public void EnumerateKeys_NameLongerThanTheCell_IsRefused() => AssertRefused(HiveRules.Cell, 72, 2000);

    [Fact]
    public void EnumerateKeys_KeyUnderTwo_IsRefused()
    {
        byte[] file = HiveBuilder.Write(new KeySpec("R", new KeySpec("a", new KeySpec("shared")), new KeySpec("b", new KeySpec("other"))));
        int a = KeyAt(file, "a"), b = KeyAt(file, "b");
        file.AsSpan(a + 28, 4).CopyTo(file.AsSpan(b + 28));

        AssertRefused(HiveRules.Tree, file);
    }

    [Fact]
    public void EnumerateKeys_Cycle_IsRefused()
    {
        byte[] file = HiveBuilder.Write(new KeySpec("R", new KeySpec("a", new KeySpec("b", new KeySpec("c")))));
        file.AsSpan(KeyAt(file, "a") + 28, 4).CopyTo(file.AsSpan(KeyAt(file, "b") + 28));

        AssertRefused(HiveRules.Tree, file);
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void EnumerateKeys_Depth_IsBounded(int depth, bool isRead)
    {
        KeySpec key = new("k");
        for (int i = 0; i < depth; i++)
            key = new KeySpec("k", key);
        byte[] file = HiveBuilder.Write(key);

        if (isRead)
            Assert.Equal(depth + 1, Walk(file));
        else
            AssertRefused(HiveRules.Tree, file);
    }

    [Fact]
    public void EnumerateKeys_EveryByteCut_IsRefusedOrRead()
    {
        byte[] file = HiveBuilder.Write(Tree);
        for (int length = 0; length < file.Length; length += 13)
        {
            try
            {
                Walk(file[..length]);
            }
            catch (LayerRefusedException refused)
            {
                Assert.Contains(refused.Rule, (LayerRule[])[HiveRules.BaseBlock, HiveRules.Cell]);
            }
        }
    }

    [Fact]
    public void EnumerateKeys_OfAnything_AllocatesOnlyForWhatIsAsked()
    {
        KeySpec many = new("R", [.. Enumerable.Range(0, 500).Select(i => new KeySpec($"key{i}", new KeySpec("below")))]);
        using Hive hive = Hive.Open(new MemoryStream(HiveBuilder.Write(many)));
        Assert.Equal(1001, hive.EnumerateKeys().Count());
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(500, hive.Root.SubkeyCount);
        Assert.Equal(0, hive.Root.ValueCount);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    private static void AssertRefused(LayerRule rule, int offsetInKey, uint number)
    {
        byte[] file = HiveBuilder.Write(Tree);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(KeyAt(file, "ROOT") + offsetInKey), number);
        AssertRefused(rule, file);
    }

    private static void AssertRefused(LayerRule rule, byte[] file) =>
        Assert.Equal(rule, Assert.Throws<LayerRefusedException>(() => Walk(file)).Rule);

    private static int Walk(byte[] file)
    {
        using Hive hive = Hive.Open(new MemoryStream(file));
        return hive.EnumerateKeys().Sum(key => 1 + (0 * key.EnumerateValues().Sum(value => value.Read().Bytes.Length)));
    }

    private static int KeyAt(byte[] file, string name)
    {
        for (int i = 4096; ; i += 4)
        {
            if (file.AsSpan(i, 2).SequenceEqual("nk"u8) && file[i + 72] == name.Length
                && file.AsSpan(i + 76, name.Length).SequenceEqual(System.Text.Encoding.Latin1.GetBytes(name)))
            {
                return i;
            }
        }
    }

    private static Hive Open(KeySpec root) => Hive.Open(new MemoryStream(HiveBuilder.Write(root)));
}

file static class Wide
{
    public static byte[] Widen(this byte[] narrow) => [.. narrow.SelectMany(b => new byte[] { b, 0 })];
}
