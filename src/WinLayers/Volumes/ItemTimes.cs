using WinLayers.Formats.Ntfs;

namespace WinLayers.Volumes;

/// <summary>The four times of a file or folder on the disk.</summary>
internal static partial class ItemTimes
{
    /// <summary>
    /// As the file system keeps them. Off Windows there is no time of change that a layer would know, and the time of writing stands for
    /// it.
    /// </summary>
    internal static FileTimes Of(FileSystemInfo item)
    {
        if (OperatingSystem.IsWindows())
            return OfOnWindows(item.FullName);
        FileTime write = TimeOf(item.LastWriteTimeUtc);
        return new FileTimes(TimeOf(item.CreationTimeUtc), TimeOf(item.LastAccessTimeUtc), write, write);
    }

    private static FileTime TimeOf(DateTime utc)
    {
        // Nothing before 1601 is a file time.
        DateTime start = DateTime.FromFileTimeUtc(0);
        return new FileTime(utc > start ? utc.Ticks - start.Ticks : 0);
    }
}
