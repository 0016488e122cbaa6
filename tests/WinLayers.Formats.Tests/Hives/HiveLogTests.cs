using System.Buffers.Binary;
using WinLayers.Formats.Hives;
using WinLayers.Testing.Hives;

namespace WinLayers.Formats.Tests.Hives;

/// <summary>Logs over a dirty hive whose value v is 'A' in the file; each log entry writes another letter there.</summary>
public sealed class HiveLogTests
{
    private static readonly byte[] Clean = HiveBuilder.Write(new KeySpec("R") { Values = [new ValueSpec("v", 3, "AAAAAAAA"u8.ToArray())] });

    private static byte[] Dirty { get; } = WithSecondary(6);

    [Fact]
    public void NewLog_EntriesInARow_AreApplied() => AssertRead("C", 2, New(6, Entry(6, 'B'), Entry(7, 'C')));

    [Fact]
    public void NewLog_EntryBeforeThePrimary_IsPassedOver() => AssertRead("B", 1, New(5, Entry(5, 'X'), Entry(6, 'B')));

    [Fact]
    public void NewLog_Gap_Ends() => AssertRead("B", 1, New(6, Entry(6, 'B'), Entry(8, 'X')));

    [Fact]
    public void NewLog_HashWrong_Ends()
    {
        byte[] wrong = Entry(7, 'X');
        wrong[^1] ^= 1;
        AssertRead("B", 1, New(6, Entry(6, 'B'), wrong));
    }

    [Fact]
    public void NewLog_PageOutside_EntryIsNotAppliedAtAll() =>
        AssertRead("B", 1, New(6, Entry(6, 'B'), HiveLogBuilder.Entry(7, 4096, Page('X'), (4096, new byte[512]))));

    [Fact]
    public void NewLogs_BothUsed_InOrderOfTheirSequence() =>
        AssertRead("C", 2, New(7, Entry(7, 'C')), New(6, Entry(6, 'B')));

    [Fact]
    public void NewLogs_PrimaryTorn_OnlyTheLatestCounts()
    {
        byte[] torn = (byte[])Dirty.Clone();
        torn[508] ^= 1;
        AssertRead(torn, "C", 1, New(6, Entry(6, 'B')), New(9, Entry(9, 'C')));
    }

    [Fact]
    public void NewLog_BinsGrow()
    {
        byte[] bin = new byte[4096];
        using Hive hive = Hive.Open(
            new MemoryStream(Dirty), [new MemoryStream(New(6, HiveLogBuilder.Entry(6, 8192, (4096, bin), Page('B'))))]);

        Assert.Equal(8192, hive.Bins.Length);
        Assert.Equal("BBBBBBBB"u8.ToArray(), hive.Root.FindValue("v")!.Read().Bytes.ToArray());
    }

    [Fact]
    public void OldLog_SameTime_IsApplied() => AssertRead("B", 1, HiveLogBuilder.WriteOld(Dirty, Sector('B')));

    [Fact]
    public void OldLog_OtherTime_IsNot()
    {
        byte[] log = HiveLogBuilder.WriteOld(Dirty, Sector('B'));
        log[12]++;
        HiveBuilder.Seal(log);
        AssertRead("A", 0, log);
    }

    [Fact]
    public void OldLog_Cut_IsNotAppliedAtAll() => AssertRead("A", 0, HiveLogBuilder.WriteOld(Dirty, Sector('B'))[..^1]);

    [Fact]
    public void Logs_OfACleanHive_AreNotApplied() => AssertRead(Clean, "A", 0, New(7, Entry(7, 'X')));

    [Fact]
    public void Logs_EmptyOrNone_AreNoError() => AssertRead("A", 0, [], new byte[600]);

    [Fact]
    public void OpenWithLogs_TakesTheFilesBesideTheHive()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("winlayers-test-");
        try
        {
            string path = Path.Combine(folder.FullName, "SOFTWARE");
            File.WriteAllBytes(path, Dirty);
            File.WriteAllBytes(path + ".log1", New(6, Entry(6, 'B')));
            File.WriteAllBytes(path + ".LOG2", New(7, Entry(7, 'C')));
            File.WriteAllBytes(path + ".LOG3", New(8, Entry(8, 'X')));

            using (Hive hive = Hive.OpenWithLogs(path))
                Assert.Equal((2, "CCCCCCCC"), (hive.AppliedLogEntries, Read(hive)));
            using (Hive hive = Hive.Open(path))
                Assert.Equal((0, "AAAAAAAA"), (hive.AppliedLogEntries, Read(hive)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertRead(string letter, int entries, params byte[][] logs) => AssertRead(Dirty, letter, entries, logs);

    private static void AssertRead(byte[] primary, string letter, int entries, params byte[][] logs)
    {
        using Hive hive = Hive.Open(new MemoryStream(primary), [.. logs.Select(log => new MemoryStream(log))]);

        Assert.Equal(new string(letter[0], 8), Read(hive));
        Assert.Equal(entries, hive.AppliedLogEntries);
    }

    private static string Read(Hive hive) => System.Text.Encoding.ASCII.GetString(hive.Root.FindValue("v")!.Read().Bytes.Span);

    private static byte[] New(uint sequence, params byte[][] entries) => HiveLogBuilder.WriteNew(Dirty, sequence, entries);

    private static byte[] Entry(uint sequence, char letter) => HiveLogBuilder.Entry(sequence, 4096, Page(letter));

    // The sector of the bins that has the value's data, with another letter.
    private static (uint, byte[]) Page(char letter)
    {
        (int sector, byte[] bytes) = Sector(letter);
        return ((uint)sector * 512, bytes);
    }

    private static (int Sector, byte[] Bytes) Sector(char letter)
    {
        int at = Clean.AsSpan().IndexOf("AAAAAAAA"u8) - 4096;
        byte[] sector = Clean.AsSpan(4096 + (at / 512 * 512), 512).ToArray();
        sector.AsSpan(at % 512, 8).Fill((byte)letter);
        return (at / 512, sector);
    }

    private static byte[] WithSecondary(uint sequence)
    {
        byte[] file = (byte[])Clean.Clone();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), sequence);
        HiveBuilder.Seal(file);
        return file;
    }
}
