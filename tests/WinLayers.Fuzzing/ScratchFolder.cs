using WinLayers.Oci.Disk;

namespace WinLayers.Fuzzing;

/// <summary>A folder for what has to lie on a disk, in memory where the system has such a place; gone when the process ends.</summary>
internal static class ScratchFolder
{
    /// <summary>Makes an empty folder for whoever has this name.</summary>
    public static string Make(string name)
    {
        string root =
            Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
            $"winlayers-fuzzing-{Environment.ProcessId}-{name}");
        Directory.CreateDirectory(root);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            using HostFolder parent = HostFolder.Open(Path.GetDirectoryName(root)!);
            parent.RemoveTree(Path.GetFileName(root));
        };
        return root;
    }
}
