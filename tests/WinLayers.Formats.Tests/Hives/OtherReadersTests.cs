using System.Diagnostics;
using System.Globalization;
using WinLayers.Formats.Hives;

namespace WinLayers.Formats.Tests.Hives;

/// <summary>Every key and value of real hives, in order, is what regfexport (libregf) reads there.</summary>
[Trait("Needs", "SampleHives")]
public sealed class OtherReadersTests
{
    [Theory]
    [InlineData("regipy/NTUSER.DAT")]
    [InlineData("regipy/SECURITY")]
    [InlineData("regipy/SYSTEM_WIN_10_1709")]
    [InlineData("yarp/System_Delta")]
    [InlineData("yarp/BigDataHive")]
    [InlineData("yarp/ManySubkeysHive")]
    public void EnumerateKeys_SampleHive_IsWhatRegfexportReads(string name)
    {
        string path = SampleHives.Find(name);
        using Hive hive = Hive.Open(path);
        List<string> ours = [];
        foreach (HiveKey key in hive.EnumerateKeys())
        {
            ours.Add($"Key path: {hive.Root.Name}{(key.Path.Length == 0 ? "" : "\\")}{key.Path}");
            int index = 0;
            foreach (HiveValue value in key.EnumerateValues())
            {
                string shown = value.Name.Length == 0 ? "(default)" : value.Name;
                ours.Add(string.Create(CultureInfo.InvariantCulture, $"Value: {index++} {shown}"));
                HiveContent content = value.Read();
                if (content.Text is null)
                    ours.Add($"Data size: {content.Bytes.Length}");
            }
        }

        Assert.Equal(Export(path), ours);
    }

    private static List<string> Export(string path)
    {
        ProcessStartInfo start = new("regfexport", [path]) { RedirectStandardOutput = true, UseShellExecute = false };
        List<string> lines = [];
        using Process process = StartOrSkip(start);
        bool isText = false;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("Type: ", StringComparison.Ordinal))
                isText = line.Contains("(REG_SZ)") || line.Contains("(REG_EXPAND_SZ)") || line.Contains("(REG_LINK)");
            // It cuts text at its end before it counts.
            if (isText && line.StartsWith("Data size: ", StringComparison.Ordinal))
                continue;
            if (line.StartsWith("Key path: ", StringComparison.Ordinal) || line.StartsWith("Value: ", StringComparison.Ordinal)
                || line.StartsWith("Data size: ", StringComparison.Ordinal))
            {
                lines.Add(line);
            }
        }

        process.WaitForExit();
        return lines;
    }

    private static Process StartOrSkip(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("regfexport is not there (Debian: libregf-utils)");
            throw;
        }
    }
}
