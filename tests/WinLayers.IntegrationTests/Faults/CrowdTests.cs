using System.Globalization;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Linting;
using WinLayers.Views;
using WinLayers.Writing;

namespace WinLayers.IntegrationTests.Faults;

/// <summary>A layer of a million entries, of which 100,000 are links and 100,000 whiteouts.</summary>
public sealed class CrowdTests
{
    private const int Entries = 1_000_000;

    [Fact]
    public void AMillionEntries_AreLintedAndMerged_InTimeAndMemory()
    {
        string file = Path.Combine(Path.GetTempPath(), $"winlayers-crowd-{Guid.NewGuid():N}.tar");
        try
        {
            Write(file);
            TimeSpan start = Environment.CpuUsage.TotalTime;
            int errors = LayerLinter.Lint(File.OpenRead(file), parents: null)
                .Count(finding => finding.Rule == LayerRules.Duplicate || finding.Rule == LayerRules.LinkLoop);
            TimeSpan linted = Environment.CpuUsage.TotalTime - start;
            long afterLint = GC.GetTotalMemory(forceFullCollection: false) >> 20;

            start = Environment.CpuUsage.TotalTime;
            MergedView view =
                MergedView.Build([LayerListing.FromTar("crowd", () => File.OpenRead(file))], TestContext.Current.CancellationToken);
            TimeSpan merged = Environment.CpuUsage.TotalTime - start;
            long afterMerge = GC.GetTotalMemory(forceFullCollection: true) >> 20;

            TestContext.Current.TestOutputHelper?.WriteLine(
                $"linted in {linted.TotalSeconds:N1} s, {afterLint} MB; merged in {merged.TotalSeconds:N1} s, {afterMerge} MB");
            Assert.Equal(0, errors);
            Assert.NotNull(view.Find(LayerPath.Parse("Files/link-0")));
            Assert.InRange(linted, TimeSpan.Zero, TimeSpan.FromSeconds(60));
            Assert.InRange(merged, TimeSpan.Zero, TimeSpan.FromSeconds(60));
            Assert.InRange(Math.Max(afterLint, afterMerge), 0, 1500);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Write(string path)
    {
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        file.Write(Member('5', "Files", ""));
        for (int i = 0; i < Entries / 10; i++)
            file.Write(Member('1', string.Create(CultureInfo.InvariantCulture, $"Files/link-{i}"),
                i == (Entries / 10) - 1 ? "Files/file-0" : string.Create(CultureInfo.InvariantCulture, $"Files/LINK-{i + 1}")));
        for (int i = 0; i < Entries / 10; i++)
            file.Write(Member('0', string.Create(CultureInfo.InvariantCulture, $"Files/gone/.wh.{i}"), ""));
        for (int i = 0; i < Entries * 8 / 10; i++)
            file.Write(Member('0', string.Create(CultureInfo.InvariantCulture, $"Files/file-{i}"), ""));
        file.Write(new byte[1024]);
    }

    private static byte[] Member(char type, string name, string link)
    {
        byte[] block = new byte[512];
        Encoding.ASCII.GetBytes(name, block);
        "0000644\0"u8.CopyTo(block.AsSpan(100));
        "00000000000\0"u8.CopyTo(block.AsSpan(124));
        "00000000000\0"u8.CopyTo(block.AsSpan(136));
        block[156] = (byte)type;
        Encoding.ASCII.GetBytes(link, block.AsSpan(157));
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        int sum = 8 * ' ';
        foreach (byte value in block)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", block.AsSpan(148));
        return block;
    }
}
