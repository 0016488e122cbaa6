using WinLayers.Formats.Hives;

namespace WinLayers.Formats.Tests.Hives;

/// <summary>Sample hives are counted as reglookup, regfexport and hivexml count them where the three agree.</summary>
[Trait("Needs", "SampleHives")]
public sealed class SampleHiveTests
{
    [Theory]
    [InlineData("ericzimmerman/SAM", 68, 73)]
    [InlineData("ericzimmerman/SECURITYNoRoot", 8, 2)]
    [InlineData("hivex/minimal", 1, 0)]
    [InlineData("hivex/rlenvalue_test_hive", 2, 6)]
    [InlineData("hivex/special", 4, 3)]
    [InlineData("regipy/NTUSER.DAT", 1812, 4094)]
    [InlineData("regipy/SAM", 65, 70)]
    [InlineData("regipy/SECURITY", 100, 109)]
    [InlineData("regipy/SYSTEM_WIN_10_1709", 43211, 90307)]
    [InlineData("regipy/transactions_NTUSER.DAT", 2590, 4119)]
    [InlineData("yarp/BadLogHive1/BadLogHive", 5003, 0)]
    [InlineData("yarp/BadLogHive2/BadLogHive", 5003, 0)]
    [InlineData("yarp/BadLogHive3/BadLogHive", 5, 2)]
    [InlineData("yarp/BigDataHive", 2, 2)]
    [InlineData("yarp/BogusKeyNamesHive", 3, 0)]
    [InlineData("yarp/CompHive", 4, 0)]
    [InlineData("yarp/DeletedDataHive", 2, 1)]
    [InlineData("yarp/DeletedTreeHive", 3, 0)]
    [InlineData("yarp/DeletedTreeNoRootFlagHive", 3, 0)]
    [InlineData("yarp/DeletedTreePartialPathHive", 3, 0)]
    [InlineData("yarp/DupNameHive", 2, 0)]
    [InlineData("yarp/DuplicateSubkeysHive", 5003, 0)]
    [InlineData("yarp/EmptyHive", 1, 0)]
    [InlineData("yarp/ExtendedASCIIHive", 2, 1)]
    [InlineData("yarp/HealedHive", 4, 1)]
    [InlineData("yarp/InvalidParentHive", 5003, 0)]
    [InlineData("yarp/ManySubkeysHive", 5003, 0)]
    [InlineData("yarp/MultiSzHive", 2, 2)]
    [InlineData("yarp/NewDirtyHive1/NewDirtyHive", 5, 2)]
    [InlineData("yarp/NewDirtyHive1/RecoveredHive_Windows10", 5, 1)]
    [InlineData("yarp/NewDirtyHive2/NewDirtyHive", 5, 2)]
    [InlineData("yarp/NewFlagsHive", 3, 0)]
    [InlineData("yarp/OffHive", 1, 0)]
    [InlineData("yarp/OldDirtyHive/OldDirtyHive", 5003, 0)]
    [InlineData("yarp/OldDirtyHive/RecoveredHive_Windows7", 5003, 1)]
    [InlineData("yarp/PairHive", 4, 0)]
    [InlineData("yarp/ReallocValueDataHive", 2, 1)]
    [InlineData("yarp/ReallocValueHive", 2, 1)]
    [InlineData("yarp/RemnantData", 2, 15)]
    [InlineData("yarp/RemnantsHive", 1, 0)]
    [InlineData("yarp/SlackHive", 5003, 0)]
    [InlineData("yarp/SqliteHive", 4, 3)]
    [InlineData("yarp/StringValuesHive", 2, 4)]
    [InlineData("yarp/System_Delta", 586, 820)]
    [InlineData("yarp/TwoOwnersHive", 3, 0)]
    [InlineData("yarp/UnicodeHive", 3, 0)]
    [InlineData("yarp/UpcaseHive", 4, 0)]
    [InlineData("yarp/ValuesOrderHive", 1, 3)]
    [InlineData("yarp/WrongOrderHive", 11, 0)]
    public void EnumerateKeys_SampleHive_CountsWhatOtherReadersCount(string name, int keys, int values)
    {
        using Hive hive = Hive.Open(SampleHives.Find(name));

        Assert.Equal((keys, values), Count(hive));
    }

    /// <summary>Broken hives, which other readers read differently: what is said of them here.</summary>
    [Theory]
    [InlineData("ericzimmerman/NotAHive", "hive-base-block")]
    [InlineData("ericzimmerman/SAMBadHBinHeader", "68+73")]
    [InlineData("regipy/corrupted_system_hive", "hive-cell")]
    [InlineData("yarp/BadBaseBlockHive/BadBaseBlockHive", "5003+0")]
    [InlineData("yarp/BadListHive", "hive-tree")]
    [InlineData("yarp/BadSubkeyHive", "hive-tree")]
    [InlineData("yarp/DeletedDataHiveTruncated", "hive-cell")]
    [InlineData("yarp/EffectiveSizeHive", "hive-cell")]
    [InlineData("yarp/GarbageHive", "1+0")]
    [InlineData("yarp/TruncatedDirtyHive", "hive-cell")]
    [InlineData("yarp/TruncatedHive", "hive-cell")]
    // Others pass over the key whose name is longer than its cell.
    [InlineData("yarp/TruncatedNameHive", "hive-cell")]
    [InlineData("yarp/TruncatedPairHive", "4+0")]
    [InlineData("yarp/TruncatedPairHive2", "6+5")]
    public void EnumerateKeys_BrokenSampleHive_IsReadOrRefusedAsWritten(string name, string expected)
    {
        string path = SampleHives.Find(name);
        string said;
        try
        {
            using Hive hive = Hive.Open(path);
            (int keys, int values) = Count(hive);
            said = $"{keys}+{values}";
        }
        catch (LayerRefusedException refused)
        {
            said = refused.Rule.Name;
        }

        Assert.Equal(expected, said);
    }

    [Theory]
    [InlineData("yarp/NewDirtyHive1/NewDirtyHive", "yarp/NewDirtyHive1/RecoveredHive_Windows10", 0)]
    [InlineData("yarp/OldDirtyHive/OldDirtyHive", "yarp/OldDirtyHive/RecoveredHive_Windows7", 6)]
    public void OpenWithLogs_DirtySampleHive_IsWhatWindowsMadeOfIt(string dirty, string recovered, int differingBytes)
    {
        using Hive hive = Hive.OpenWithLogs(SampleHives.Find(dirty));
        // Files run past their bins.
        byte[] expected = File.ReadAllBytes(SampleHives.Find(recovered)).AsSpan(4096, (int)hive.Bins.Length).ToArray();

        Assert.True(hive.IsDirty);
        Assert.NotEqual(0, hive.AppliedLogEntries);
        byte[] bins = new byte[hive.Bins.Length];
        hive.Bins.CopyTo(bins);
        Assert.Equal(differingBytes, bins.Zip(expected).Count(pair => pair.First != pair.Second));
    }

    [Theory]
    [InlineData("yarp/NewDirtyHive1/NewDirtyHive", 5, 1)]
    [InlineData("yarp/OldDirtyHive/OldDirtyHive", 5003, 1)]
    [InlineData("yarp/BadBaseBlockHive/BadBaseBlockHive", 5003, 1)]
    public void OpenWithLogs_DirtySampleHive_HasWhatTheLogsAdd(string name, int keys, int values)
    {
        using Hive hive = Hive.OpenWithLogs(SampleHives.Find(name));

        Assert.Equal((keys, values), Count(hive));
    }

    [Fact]
    public void LayerBits_OfTheRealDelta_AreAsRecorded()
    {
        using Hive hive = Hive.Open(SampleHives.Find("yarp/System_Delta"));

        Assert.True(hive.IsLayered);
        Assert.Equal((1, 6), (hive.Header.MajorVersion, hive.Header.MinorVersion));
        Assert.Equal(
            [(0, 8), (1, 2), (3, 61), (0x80, 514), (0x83, 1)],
            hive.EnumerateKeys().GroupBy(key => (int)key.LayerBits).Select(bits => (bits.Key, bits.Count())).Order());
        Assert.Equal(3, hive.EnumerateKeys().SelectMany(key => key.EnumerateValues()).Count(value => value.IsTombstone));
        // A removed key has nothing; all below a key that supersedes its tree does so too.
        Assert.All(
            hive.EnumerateKeys().Where(key => key.Layering == KeyLayering.Tombstone),
            key => Assert.Equal((0, 0, null, 0), (key.SubkeyCount, key.ValueCount, key.ClassName, key.LastWrite.Ticks)));
        Assert.All(
            hive.EnumerateKeys().Where(key => key.Parent?.Layering == KeyLayering.SupersedeTree),
            key => Assert.Equal(KeyLayering.SupersedeTree, key.Layering));
    }

    [Fact]
    public void Security_OfEverySampleKey_IsADescriptor()
    {
        foreach (string name in (string[])["regipy/NTUSER.DAT", "regipy/SECURITY", "yarp/System_Delta"])
        {
            using Hive hive = Hive.Open(SampleHives.Find(name));
            Assert.All(hive.EnumerateKeys(), key => Assert.NotNull(key.Security));
        }
    }

    private static (int Keys, int Values) Count(Hive hive)
    {
        int keys = 0, values = 0;
        foreach (HiveKey key in hive.EnumerateKeys())
        {
            keys++;
            values += key.EnumerateValues().Count();
        }

        return (keys, values);
    }
}
