namespace WinLayers.Windows.Interop;

/// <summary>Paths as the native interface takes them; text work alone, so that it is the same on any system.</summary>
internal static class HostPath
{
    private const string LongPrefix = @"\\?\";
    private const string LongUncPrefix = @"\\?\UNC\";

    /// <summary>The absolute path in the form without a length limit: <c>\\?\C:\…</c>, <c>\\?\UNC\server\share\…</c>.</summary>
    internal static string ToNative(string path)
    {
        if (path.StartsWith(LongPrefix, StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal))
            return path;
        // The prefix turns off the system's own tidying, so it happens here.
        string full = ToFull(path);
        full = full.Replace('/', '\\');
        if (full.Length > 3)
            full = full.TrimEnd('\\');
        return full.StartsWith(@"\\", StringComparison.Ordinal)
            ? string.Concat(LongUncPrefix, full.AsSpan(2))
            : LongPrefix + full;
    }

    /// <summary>The absolute path; on other systems, which do not know how Windows writes one, the path as it is.</summary>
    internal static string ToFull(string path) => OperatingSystem.IsWindows() ? Path.GetFullPath(path) : path;

    /// <summary>The last part of a folder's path, whatever separators it is written with: what HCS makes a layer's id of.</summary>
    internal static string LastPart(string folder)
    {
        ReadOnlySpan<char> trimmed = folder.AsSpan().TrimEnd(@"\/");
        return trimmed[(trimmed.LastIndexOfAny('\\', '/') + 1)..].ToString();
    }
}
