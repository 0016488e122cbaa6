using System.Diagnostics;

namespace WinLayers.Testing;

/// <summary>What may happen to a file of a store.</summary>
internal static class Damage
{
    /// <summary>Does one kind of damage to a file.</summary>
    internal static void Do(string path, string damage)
    {
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (damage == "flipped in place")
        {
            // Under all names that the file has.
            bytes[0] ^= 1;
            File.WriteAllBytes(path, bytes);
            return;
        }

        Unlink(path);
        switch (damage)
        {
            case "missing":
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "flipped":
                bytes[0] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "link":
                Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
                File.WriteAllBytes(path + ".else", bytes);
                File.CreateSymbolicLink(path, path + ".else");
                break;
            case "pipe":
                MakePipe(path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                throw new ArgumentException(damage, nameof(damage));
        }
    }

    /// <summary>Makes a named pipe that nobody writes to: whoever opens it as a file waits for ever.</summary>
    internal static void MakePipe(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes have no names of files there.");
        using Process made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }

    // A name of a file that others have too stays theirs, unchanged.
    private static void Unlink(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
