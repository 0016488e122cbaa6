using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Windows.Interop;
using WinLayers.Writing;

namespace WinLayers.Windows.Volumes;

/// <summary>
/// Removes files and whole directories below a layer's folder. A reparse point goes itself; what it leads to is never touched.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class NtfsRemoval
{
    private static readonly NtOpen ForRemoval =
        new(NtOpen.Delete | NtOpen.ListDirectory | NtOpen.ReadAttributes | NtOpen.WriteAttributes);

    /// <summary>Removes the path and all below it; nothing there: nothing happens.</summary>
    internal static void Remove(NtfsFolder folder, LayerPath path)
    {
        // Names on disk may be ones that no layer may have, so this works on plain relative paths. A stack of its own: a path
        // may have 16,000 components.
        Stack<(string Path, bool Emptied)> pending = new();
        pending.Push((path.Value, false));
        while (pending.TryPop(out (string Path, bool Emptied) item))
        {
            int status = folder.TryOpen(item.Path, ForRemoval, out SafeFileHandle file);
            using (file)
            {
                if (status is NtStatus.NameNotFound or NtStatus.PathNotFound or NtStatus.NotADirectory)
                    continue;
                if (status == NtStatus.ReparsePointEncountered)
                    throw new LayerRefusedException(LayerRules.ThroughReparsePoint, $"a reparse point is on the way to '{item.Path}'");
                if (status < 0)
                    throw folder.Failure(item.Path, status);

                var attributes = (FileAttributes)Kernel32.GetBasicInformation(file, item.Path).Attributes;
                bool walk = (attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == FileAttributes.Directory;
                if (walk && !item.Emptied)
                {
                    pending.Push((item.Path, true));
                    foreach (NtfsDirectoryEntry child in NtfsDirectoryReader.ReadAll(file, item.Path))
                        pending.Push(($"{item.Path}\\{child.Name}", false));
                    continue;
                }

                Delete(folder, file, item.Path, attributes);
            }
        }
    }

    private static void Delete(NtfsFolder folder, SafeFileHandle file, string path, FileAttributes attributes)
    {
        int status = NtDll.TryDeletePosix(file);
        if (NtStatus.IsUnsupported(status))
        {
            // Before Windows 10 1709, and on file systems other than NTFS. A read-only file is refused there; its attribute belongs to
            // all its names, so those that stay get it back.
            bool readOnly = attributes.HasFlag(FileAttributes.ReadOnly);
            if (readOnly)
                SetAttributes(file, attributes & ~FileAttributes.ReadOnly, path);
            bool shared = readOnly && Kernel32.GetStandardInformation(file, path).NumberOfLinks > 1;
            status = NtDll.TryDelete(file);
            if (shared)
                SetAttributes(file, attributes, path);
        }

        if (status < 0)
            throw NtDll.Failed("NtSetInformationFile(FileDispositionInformation)", status, Path.Join(folder.Location, path));
    }

    private static void SetAttributes(SafeFileHandle file, FileAttributes attributes, string path)
    {
        FileAttributes settable =
            attributes & ~(FileAttributes.ReparsePoint | FileAttributes.SparseFile | FileAttributes.Compressed | FileAttributes.Encrypted);
        Kernel32.SetBasicInformation(file, new FileBasicInformation(default, settable == default ? FileAttributes.Normal : settable), path);
    }
}
