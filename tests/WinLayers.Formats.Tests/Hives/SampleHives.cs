using System.Diagnostics;
using WinLayers.Testing;

namespace WinLayers.Formats.Tests.Hives;

/// <summary>
/// Hives of Windows and of other projects, whose licences keep them out of this one: WINLAYERS_TEST_HIVES names the folder with
/// hives.tar.xz. Without it the tests that need them are skipped.
/// </summary>
internal static class SampleHives
{
    private static readonly Lock Unpacking = new();
    private static readonly Lazy<TemporaryFolder> Unpacked = new(Unpack);

    public static string? Folder => Environment.GetEnvironmentVariable("WINLAYERS_TEST_HIVES") is { Length: > 0 } folder ? folder : null;

    /// <summary>The path of a sample; skips the test where there are none.</summary>
    public static string Find(string name)
    {
        Assert.SkipWhen(Folder is null, "WINLAYERS_TEST_HIVES names no folder with sample hives");
        string path = Path.Combine(Unpacked.Value.FolderPath, name);
        // Another test must not see it half unpacked.
        lock (Unpacking)
        {
            if (!File.Exists(path) && File.Exists(path + ".xz"))
                Run("xz", "-dk", path + ".xz");
        }

        return path;
    }

    private static TemporaryFolder Unpack()
    {
        TemporaryFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        Run("tar", "-xJf", Path.Combine(Folder!, "hives.tar.xz"), "-C", folder.FolderPath);
        return folder;
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
