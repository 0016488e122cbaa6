using System.Diagnostics;

namespace WinLayers.Testing;

/// <summary>Directories whose names are no UTF-8, each with a file of the same name in it. Linux alone.</summary>
internal static class OddNames
{
    // As printf writes them: bytes alone, a cut sequence, an encoded half of a pair, an overlong slash, and one that is in order.
    private static readonly string[] All =
        [@"\377", @"\376", @"a\303", @"\303\303\251", @"\355\262\200", @"\300\257", @"\360\237\230", @"whole \303\251\360\237\230\200"];

    public static int Count => All.Length;

    /// <summary>Makes them in a folder, which is made as well.</summary>
    public static void MakeIn(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in All)
        {
            using Process shell =
                Process.Start("sh", ["-c", "n=$(printf \"$2\") && mkdir \"$1/$n\" && : > \"$1/$n/$n\"", "sh", folder, name]);
            shell.WaitForExit();
            if (shell.ExitCode != 0)
                throw new InvalidOperationException($"mkdir failed for {name}");
        }
    }
}
