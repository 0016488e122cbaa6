using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Transport;

/// <summary>The removals of a transport folder, in the order in which they are listed.</summary>
/// <remarks>
/// As Windows writes it: a UTF-8 BOM, the line <c>Version 1.0</c>, then one <c>\path</c> a line, <c>Files</c> left off. Other tools write
/// bare lines
/// with forward slashes, with or without <c>Files</c>; both are read.
/// </remarks>
internal static class TombstoneList
{
    private const string VersionLine = "Version 1.0";
    private const int MaxFileBytes = 64 << 20;

    /// <summary>Reads the list; a folder without it has no removals.</summary>
    /// <exception cref="LayerRefusedException">A line is no path below <c>Files</c>.</exception>
    internal static IReadOnlyList<LayerPath> Read(string transportFolder)
    {
        string file = Path.Join(transportFolder, LayerFolderNames.Tombstones);
        if (PlainFile.TryRead(file, MaxFileBytes) is not { } bytes)
            return [];
        if (bytes.Length > MaxFileBytes)
            throw new LayerRefusedException(ExportRules.Tombstones, $"'{file}' is larger than {MaxFileBytes} bytes");

        List<LayerPath> removals = [];
        using StreamReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || (removals.Count == 0 && line == VersionLine))
                continue;
            LayerPath path = LayerPath.FromUser(line);
            LayerPath whole = path.Area is LayerArea.Files && !path.IsRoot ? path : LayerPath.FromValue($"{LayerRoots.Files}\\{path}");
            removals.Add(path.IsRoot ? throw new LayerRefusedException(ExportRules.Tombstones, $"'{line}' is no path") : whole);
        }

        return removals;
    }
}
