using System.Runtime.Versioning;
using WinLayers.Formats.Names;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.Volumes;

namespace WinLayers.Windows;

/// <summary>Folders that work fills and that do not outlive its failure.</summary>
[SupportedOSPlatform("windows")]
internal static class HalfMade
{
    /// <summary>Does the work and removes the folder if it fails; a failure to remove neither hides the work's own nor is lost.</summary>
    internal static void RemoveAfter(string folder, bool evenIfDone, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            UndoList undo = new();
            undo.Add(() => RemoveFolder(folder));
            UndoList.Throw(e, undo.Run());
        }

        if (evenIfDone)
            RemoveFolder(folder);
    }

    // What was half made may hold read-only files and reparse points.
    private static void RemoveFolder(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        using (NtfsVolume volume = NtfsVolume.Open(folder))
        {
            foreach (string name in Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).OfType<string>().ToList())
                volume.Remove(LayerPath.Root.Child(name));
        }

        Directory.Delete(folder);
    }
}
