using WinLayers.Windows.Interop;
using WinLayers.Windows.Scratch;

namespace WinLayers.Windows.UtilityVm;

/// <summary>The disk of one virtual machine: a copy of the template, with access granted to the machine.</summary>
internal static class UtilityVmScratch
{
    /// <summary>The disk's name in its folder.</summary>
    internal const string DiskName = ScratchLayer.DiskName;

    /// <summary>
    /// Copies the template, and grants the machine access to the copy, which is all that a machine needs of its own: layers are shared with
    /// it
    /// by who starts it. After a failure there is no copy, and no folder that was not there before; access that was granted until then
    /// stays.
    /// </summary>
    /// <returns>The disk's path.</returns>
    internal static string Create(ILayerCalls calls, UtilityVmBoot boot, string vmId, string folder, IReadOnlyList<string> alsoGranted)
    {
        string disk = Path.Join(folder, DiskName);
        UndoList undo = new();
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                undo.Add(() => Directory.Delete(folder));
            }

            File.Copy(boot.TemplateDisk, disk, overwrite: false);
            undo.Add(() => File.Delete(disk));

            // A read-only template would give a disk that the machine cannot write.
            File.SetAttributes(disk, FileAttributes.Normal);
            GrantAccess(calls, vmId, [disk, .. alsoGranted]);
            return disk;
        }
        catch (Exception e)
        {
            UndoList.Throw(e, undo.Run());
            throw;
        }
    }

    internal static void GrantAccess(ILayerCalls calls, string vmId, IReadOnlyList<string> paths)
    {
        foreach (string path in paths)
            calls.GrantVmAccess(vmId, path);
    }
}
