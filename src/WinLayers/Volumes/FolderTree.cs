using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Oci.Disk;

namespace WinLayers.Volumes;

/// <summary>
/// A layer's folder of plain files, as Windows keeps it or as it was copied from there. Names are found whatever their letter case, on
/// every file system, and symbolic links are reparse points that nothing is read through. Metadata is what the file system tells:
/// times and attributes, no security. The folder may not change while it is read. Not safe for several threads.
/// </summary>
public sealed class FolderTree : ILayerTree
{
    private const int DirectoriesKept = 4096;
    private readonly Dictionary<LayerPath, Dictionary<string, FileSystemInfo>?> _listed = [];
    private readonly string _folder;

    /// <summary>Opens a layer's folder.</summary>
    /// <exception cref="DiskException">There is no such folder.</exception>
    public FolderTree(string folder)
    {
        Location = Path.GetFullPath(folder);
        if (!Directory.Exists(Location))
            throw DiskException.From(new DirectoryNotFoundException($"There is no layer folder '{Location}'."));
        // What is listed below has its path from here: 'foo.' and 'aux' are read, not what Windows would take such names for.
        _folder = ExactPath.Of(Location);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public VolumeNode? Find(LayerPath path)
    {
        if (path.IsRoot)
            return new VolumeNode(path, IsDirectory: true, IsReparsePoint: false, Length: 0);
        return FindItem(path) is { } item ? Describe(path, item) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) =>
        List(directory) is not { } items
            ? []
            : items.Values.OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => Describe(directory.Child(item.Name), item))
                .ToList();

    /// <inheritdoc/>
    public FileMetadata ReadMetadata(LayerPath path)
    {
        FileSystemInfo item = path.IsRoot ? new DirectoryInfo(_folder) : FindItem(path) ?? throw NotThere(path);
        return new FileMetadata
        {
            Attributes = AttributesOf(item),
            Times = ItemTimes.Of(item),
            Reparse = item.LinkTarget is { Length: > 0 } target ? ReparsePoint.FromTarget(target, isMountPoint: false) : null,
        };
    }

    /// <inheritdoc/>
    public OpenContent OpenRead(LayerPath path)
    {
        if (path.IsRoot)
            return new FileContent(Stream.Null);
        FileSystemInfo item = FindItem(path) ?? throw NotThere(path);
        return new FileContent(item is FileInfo && !IsReparsePoint(item)
            ? PlainFile.OpenRead(item.FullName)
            : Stream.Null);
    }

    /// <inheritdoc/>
    public void Dispose() => _listed.Clear();

    private static bool IsReparsePoint(FileSystemInfo item) => item.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static VolumeNode Describe(LayerPath path, FileSystemInfo item) =>
        new(path, item is DirectoryInfo, IsReparsePoint(item), item is FileInfo file && !IsReparsePoint(item) ? file.Length : 0);

    private static FileAttributes AttributesOf(FileSystemInfo item)
    {
        // Off Windows the framework makes attributes up, of permissions and leading dots.
        if (OperatingSystem.IsWindows())
            return item.Attributes;
        FileAttributes kind = item is DirectoryInfo ? FileAttributes.Directory : FileAttributes.Archive;
        return IsReparsePoint(item) ? kind | FileAttributes.ReparsePoint : kind;
    }

    private FileNotFoundException NotThere(LayerPath path) => new($"Nothing stands at '{path}' in '{Location}'.", path.Value);

    private FileSystemInfo? FindItem(LayerPath path) => List(path.Parent)?.GetValueOrDefault(path.Name.ToString());

    /// <summary>What is in a directory, by name; null where there is no such directory, or it is a reparse point.</summary>
    private Dictionary<string, FileSystemInfo>? List(LayerPath directory)
    {
        if (_listed.TryGetValue(directory, out Dictionary<string, FileSystemInfo>? known))
            return known;
        string? folder = _folder;
        if (!directory.IsRoot)
            folder = FindItem(directory) is DirectoryInfo item && !IsReparsePoint(item) ? item.FullName : null;
        if (_listed.Count >= DirectoriesKept)
            _listed.Clear();
        Dictionary<string, FileSystemInfo>? items = folder is null ? null : Read(folder);
        _listed[directory] = items;
        return items;
    }

    private static Dictionary<string, FileSystemInfo> Read(string folder)
    {
        var items = new Dictionary<string, FileSystemInfo>(NtfsNames.Comparer);
        var options =
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false, ReturnSpecialDirectories = false };
        // Two names that are one on NTFS: the first in ordinal order counts, so that every look at the folder sees the same.
        foreach (FileSystemInfo item in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", options)
            .OrderBy(item => item.Name, StringComparer.Ordinal))
            items.TryAdd(item.Name, item);
        return items;
    }

    private sealed class FileContent(Stream data) : OpenContent
    {
        public override Stream Data => data;

        public override AlternateStream? NextStream() => null;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                data.Dispose();
        }
    }
}
