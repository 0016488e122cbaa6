using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>Paths as the native interface takes them; text work alone, so that it is the same on any system.</summary>
internal static class HostPath
{
    /// <summary>From this length on Windows takes no folder's path without the prefix: 260, less a NUL and a name of 8.3.</summary>
    internal const int MaxPlainLength = 248;

    private const string LongPrefix = @"\\?\";
    private const string LongUncPrefix = @"\\?\UNC\";

    /// <summary>
    /// The absolute path in the form without a length limit: <c>\\?\C:\…</c>, <c>\\?\UNC\server\share\…</c>. For ImportLayer's layer,
    /// ProcessBaseImage, ProcessUtilityImage, and for files that are opened here.
    /// </summary>
    internal static string ToLong(string path)
    {
        if (IsPrefixed(path))
            return path;
        // The prefix turns off the system's own tidying, so it happens here.
        string full = Tidy(path);
        return full.StartsWith(@"\\", StringComparison.Ordinal)
            ? string.Concat(LongUncPrefix, full.AsSpan(2))
            : LongPrefix + full;
    }

    /// <summary>
    /// The absolute path as people write it, which is what every other call of vmcompute, computestorage and virtdisk is used to; the form
    /// with the prefix where the plain one is too long, and where only that form means the same.
    /// </summary>
    internal static string ToPlain(string path)
    {
        string full = IsPrefixed(path) ? Unprefixed(path) : Tidy(path);
        return full.Length < MaxPlainLength ? full : ToLong(full);
    }

    /// <summary>The absolute path; on other systems, which do not know how Windows writes one, the path as it is.</summary>
    internal static string ToFull(string path) => OperatingSystem.IsWindows() ? Path.GetFullPath(path) : path;

    /// <summary>The chain with absolute paths.</summary>
    internal static LayerChain ToFull(LayerChain chain) => [.. chain.Select(ToFull)];

    /// <summary>The last part of a folder's path, whatever separators it is written with: what HCS makes a layer's id of.</summary>
    /// <exception cref="HostStateException">It has no name of its own: the root of a drive, <c>.</c> or <c>..</c>.</exception>
    internal static string LastPart(string folder)
    {
        ReadOnlySpan<char> trimmed = folder.AsSpan().TrimEnd(@"\/");
        ReadOnlySpan<char> name = trimmed[(trimmed.LastIndexOfAny('\\', '/') + 1)..];
        return name is "" or "." or ".." or "?" || name.Contains(':') ? throw HostStateException.NoLayerName(folder) : name.ToString();
    }

    private static bool IsPrefixed(string path) =>
        path.StartsWith(LongPrefix, StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal);

    private static string Tidy(string path)
    {
        string full = ToFull(path).Replace('/', '\\');
        return full.Length > 3 ? full.TrimEnd('\\') : full;
    }

    // Volumes and devices have no plain form, and names that Windows would tidy are other names without the prefix.
    private static string Unprefixed(string path)
    {
        string bare = path.StartsWith(LongUncPrefix, StringComparison.Ordinal) ? @"\\" + path[LongUncPrefix.Length..]
            : path.Length > LongPrefix.Length + 2 && path[LongPrefix.Length + 1] == ':' ? path[LongPrefix.Length..]
            : path;
        bool isTidied = Array.Exists(bare.Split('\\'), part => part.Contains('/', StringComparison.Ordinal) || part is [.., '.' or ' ']);
        return isTidied ? path : bare;
    }
}
