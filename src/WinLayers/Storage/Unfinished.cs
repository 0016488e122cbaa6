using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>Files that did not get their place.</summary>
internal static class Unfinished
{
    /// <summary>Removes one, as far as the disk lets it.</summary>
    public static void Remove(HostFolder folder, string name)
    {
        try
        {
            folder.RemoveFile(name);
        }
        catch (DiskException)
        {
            // The failure on its way tells what is wrong with the disk; the next collection removes the file.
        }
    }
}
