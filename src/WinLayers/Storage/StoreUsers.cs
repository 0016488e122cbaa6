using System.Diagnostics;
using System.Globalization;
using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>
/// Who holds a lease. A lock does not tell whose it is, so each holder keeps a file with its process's number open; the lock on it ends
/// with
/// the process.
/// </summary>
internal static class StoreUsers
{
    private const string Prefix = "user-";

    /// <summary>Says that this process works with the store, until the file is given to <see cref="Leave"/>.</summary>
    public static FileStream? Enter(StorePaths paths)
    {
        string number = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        try
        {
            return ExclusiveFile.TryOpen(Path.Combine(paths.Locks, $"{Prefix}{number}-{Guid.NewGuid():N}"));
        }
        catch (Exception cause) when (DiskException.IsDiskAtFault(cause))
        {
            // A disk that is full or may not be written can be read all the same; whoever collects is told of nobody's name then.
            return null;
        }
    }

    /// <summary>Ends what <see cref="Enter"/> said.</summary>
    public static void Leave(FileStream? file)
    {
        if (file is null)
            return;
        if (!OperatingSystem.IsWindows())
            File.Delete(file.Name);
        file.Dispose();
        if (OperatingSystem.IsWindows())
            File.Delete(file.Name);
    }

    /// <summary>The processes that work with the store; what those that are gone left is removed.</summary>
    public static IReadOnlyList<string> List(StorePaths paths)
    {
        SortedSet<int> numbers = [];
        foreach (string path in Directory.EnumerateFiles(paths.Locks, Prefix + "*").ToList())
        {
            if (ExclusiveFile.TryOpen(path) is { } left)
                Leave(left);
            else if (int.TryParse(Path.GetFileName(path).Split('-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                numbers.Add(number);
        }

        return [.. numbers.Select(NameOf)];
    }

    private static string NameOf(int number)
    {
        try
        {
            using Process process = Process.GetProcessById(number);
            return $"{process.ProcessName} (process {number})";
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It may live in another container, where it has another number.
            return $"process {number}";
        }
    }
}
