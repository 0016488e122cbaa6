using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Transport;

/// <summary>Sets the times of an open staged file, and leaves its attributes alone.</summary>
internal static partial class StagedTimes
{
    internal static void Set(SafeFileHandle file, FileTimes times)
    {
        if (OperatingSystem.IsWindows())
        {
            SetOnWindows(file, times);
            return;
        }

        // Elsewhere there are two times to set; a transport folder that travels to Windows from here loses the others.
        if (IsInRange(times.Access))
            File.SetLastAccessTimeUtc(file, times.Access.ToDateTimeOffset().UtcDateTime);
        if (IsInRange(times.Write))
            File.SetLastWriteTimeUtc(file, times.Write.ToDateTimeOffset().UtcDateTime);
    }

    private static bool IsInRange(FileTime time) =>
        time.Ticks > 0 && time.Ticks <= DateTime.MaxValue.Ticks - DateTime.FromFileTimeUtc(0).Ticks;
}
