using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Samples;

/// <summary>What the layers of the sample image hold: a little of everything that Windows layers do.</summary>
internal static class SampleLayers
{
    internal const int LargeEntries = 21_000;
    internal const long LargeBytes = 1_400_000_000;
    private const int EntriesInADirectory = 7;

    internal static void WriteBase(SampleLayerBuilder layer, SampleReference sample)
    {
        layer.Directory(LayerRoots.Files);
        layer.Text("Files/License.txt", "This is a sample image. It holds nothing of Windows.\r\n");
        layer.Directory("Files/Program Files", FileAttributes.ReadOnly);
        layer.Directory("Files/ProgramData", FileAttributes.Hidden, reparse: null, ("note", "a stream on a directory"));
        layer.File("Files/ProgramData/settings.ini", Utf8("[sample]\r\nvalue=1\r\n"), FileAttributes.Archive | FileAttributes.Hidden,
            streams: [("Zone.Identifier", "[ZoneTransfer]\r\nZoneId=3\r\n"), ("second", "")]);
        layer.Directory("Files/Users");
        layer.Directory("Files/Users/Public", FileAttributes.ReadOnly);
        layer.File("Files/Users/All Users.lnk", Stream.Null,
            reparse: ReparsePoint.FromTarget("..\\ProgramData\\settings.ini", isMountPoint: false));
        layer.Directory("Files/Users/All Users", FileAttributes.Hidden, ReparsePoint.FromTarget(@"C:\ProgramData", isMountPoint: false));
        layer.Directory("Files/Documents and Settings", FileAttributes.Hidden | FileAttributes.System,
            ReparsePoint.FromTarget(@"C:\Users", isMountPoint: true));
        layer.Directory("Files/Windows");
        layer.Directory("Files/Windows/System32");
        layer.Program("Files/Windows/System32/cmd.exe", 240_000);
        layer.Program("Files/Windows/System32/kernel32.dll", 700_000);
        layer.Program("Files/Windows/System32/ntdll.dll", 1_900_000);
        layer.File(
            "Files/Windows/System32/signed.dll", SampleBytes.Open("MZ"u8.ToArray(), 60_000, seed: 77),
            eas: ExtendedAttributes.FromItems(
                [new("$CI.CATALOGHINT", "Sample-Package~31bf3856ad364e35~amd64~~10.0.20348.1.cat"u8.ToArray())]));
        layer.Directory("Files/Windows/System32/drivers");
        layer.Directory("Files/Windows/System32/drivers/etc");
        layer.Text("Files/Windows/System32/drivers/etc/hosts", "127.0.0.1 localhost\r\n");
        layer.File("Files/Windows/System32/empty.dat", Stream.Null, FileAttributes.System);
        layer.Directory("Files/Windows/System32/empty", FileAttributes.Directory | FileAttributes.NotContentIndexed);
        layer.Directory("Files/Windows/Temp");
        layer.Text("Files/Windows/Temp/old.log", "goes away in the last layer\r\n");
        layer.Directory("Files/Windows/WinSxS");
        layer.Directory("Files/Windows/WinSxS/amd64_cmd_31bf3856ad364e35_10.0.20348.1");
        layer.Link("Files/Windows/WinSxS/amd64_cmd_31bf3856ad364e35_10.0.20348.1/cmd.exe", "Files/Windows/System32/cmd.exe");
        if (sample.Name == SampleReference.Large)
            WriteBulk(layer, sample.Entries ?? LargeEntries, sample.Bytes ?? LargeBytes);
        layer.Directory(LayerRoots.Hives);
        foreach (string hive in (string[])["DefaultUser", "Sam", "Security", "Software", "System"])
            layer.Hive($"Hives/{hive}_Base", 64 << 10);
        WriteUtilityVm(layer);
    }

    internal static void WriteApplication(SampleLayerBuilder layer)
    {
        layer.Directory(LayerRoots.Files);
        layer.Directory("Files/app");
        layer.Program("Files/app/app.exe", 120_000);
        layer.Text("Files/app/app.config", "<configuration />\r\n");
        layer.Link("Files/app/shell.exe", "Files/Windows/System32/cmd.exe");
        layer.Whiteout("Files/License.txt");

        // Another spelling of directories that the base has: on NTFS they are the same ones.
        layer.Directory("Files/WINDOWS");
        layer.Directory("Files/WINDOWS/system32");
        layer.Program("Files/WINDOWS/system32/app.dll", 50_000);
        WriteDeltas(layer);
    }

    internal static void WriteUpdate(SampleLayerBuilder layer)
    {
        layer.Directory(LayerRoots.Files);
        layer.Directory("Files/app");
        layer.Text("Files/app/app.config", "<configuration updated=\"true\" />\r\n");
        layer.Link("Files/app/app-copy.exe", "Files/app/app.exe");
        layer.Directory("Files/Windows");
        layer.Whiteout("Files/Windows/Temp");
        WriteDeltas(layer);
        layer.Directory(LayerRoots.UtilityVm);
        layer.Directory("UtilityVM/Files");
        layer.Directory("UtilityVM/Files/Windows");
        layer.Directory("UtilityVM/Files/Windows/System32");
        layer.Program("UtilityVM/Files/Windows/System32/guest.dll", 30_000);
    }

    private static void WriteDeltas(SampleLayerBuilder layer)
    {
        layer.Directory(LayerRoots.Hives);
        foreach (string hive in (string[])["DefaultUser", "Sam", "Security", "Software", "System"])
            layer.Hive($"Hives/{hive}_Delta", 8 << 10);
    }

    private static void WriteUtilityVm(SampleLayerBuilder layer)
    {
        layer.Directory(LayerRoots.UtilityVm);
        layer.Directory("UtilityVM/Files");
        layer.Directory("UtilityVM/Files/EFI");
        layer.Directory("UtilityVM/Files/EFI/Microsoft");
        layer.Directory("UtilityVM/Files/EFI/Microsoft/Boot");
        layer.Hive("UtilityVM/Files/EFI/Microsoft/Boot/BCD", 16 << 10);
        foreach (string log in (string[])["BCD.LOG", "BCD.LOG1", "BCD.LOG2"])
            layer.File($"UtilityVM/Files/EFI/Microsoft/Boot/{log}", Stream.Null, FileAttributes.Hidden | FileAttributes.System);
        layer.Program("UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi", 150_000);
        layer.Directory("UtilityVM/Files/Windows");
        layer.Directory("UtilityVM/Files/Windows/System32");
        layer.Program("UtilityVM/Files/Windows/System32/ntoskrnl.exe", 300_000);
        layer.Link("UtilityVM/Files/Windows/System32/ntkrnlmp.exe", "UtilityVM/Files/Windows/System32/ntoskrnl.exe");
    }

    // Of every seven entries one is a directory, five are files and one is a further name of a file: a fifth of the files.
    private static void WriteBulk(SampleLayerBuilder layer, int entries, long bytes)
    {
        int directories = Math.Max(1, entries / EntriesInADirectory);
        const int filesInADirectory = EntriesInADirectory - 2;
        double average = bytes / (double)directories / filesInADirectory;
        SampleNumbers numbers = new(7);
        layer.Directory("Files/Windows/Sample");
        for (int i = 0; i < directories; i++)
        {
            // No directory holds more than a few hundred: as in Windows, the tree is deep rather than wide.
            if (i % 256 == 0)
                layer.Directory($"Files/Windows/Sample/Group{i / 256:D5}");
            string directory = $"Files/Windows/Sample/Group{i / 256:D5}/amd64_component-{i:D6}_31bf3856ad364e35_10.0.20348.1";
            layer.Directory(directory);
            for (int k = 0; k < filesInADirectory; k++)
            {
                // Many small files and few large ones; the mean of the squares of fractions is a third.
                double fraction = numbers.NextFraction();
                layer.Program($"{directory}/module{k}.dll", (long)(3 * average * fraction * fraction));
            }

            layer.Link($"{directory}/module-link.dll", $"{directory}/module0.dll");
        }
    }

    private static MemoryStream Utf8(string text) => new(Encoding.UTF8.GetBytes(text), writable: false);
}
