using System.Buffers.Binary;
using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Transport;

/// <summary>
/// The transport folder of a diff layer, as ImportLayer takes it: plain files, written alike on every system. What it cannot hold
/// (removals, links, directory times) becomes its <see cref="Plan"/>, which follows the import.
/// </summary>
/// <remarks>
/// <code>
/// Files\a.txt          [attributes u32][backup stream]
/// Files\dir\           an empty directory says nothing itself:
/// Files\dir.$wcidirs$  [attributes u32][backup stream]; without it the import fails
/// Hives\System_Delta   the bare data
/// </code>
/// The folder is new and this object's alone until <see cref="Complete"/>. After an exception it holds a part of the layer.
/// </remarks>
public sealed class TransportVolume : ILayerVolume
{
    private const int MaxNameBytes = 255;

    private readonly string _folder;
    private readonly ILayerTree? _layer;
    private readonly LayerNames _names = new();
    private readonly StagedFileWriter _file = new();
    private readonly List<string> _reparseFolders = [];
    private readonly List<LayerPath> _removals = [];
    private readonly List<PlannedLink> _links = [];
    private readonly List<PlannedTimes> _times = [];

    /// <summary>Makes the folder, which must be new or empty.</summary>
    /// <param name="folder">The transport folder.</param>
    /// <param name="layer">The volume of the layer that it is for, where there is one: links into it are links into the layer.</param>
    /// <exception cref="StagingException">The folder has contents.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public TransportVolume(string folder, ILayerTree? layer = null)
    {
        Location = Path.GetFullPath(folder);
        _folder = ExactPath.Of(Location);
        _layer = layer;
        Directory.CreateDirectory(_folder);
        if (Directory.EnumerateFileSystemEntries(_folder).Any())
            throw new StagingException(StagingFailure.Taken, $"The folder '{Location}' has contents; a layer is staged in one of its own.");
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>What has to follow the import. Ask when everything is written.</summary>
    public LayerPlan Plan => new() { Removals = _removals, Links = _links, DirectoryTimes = _times };

    /// <inheritdoc/>
    /// <remarks>The length is not kept, and is 0.</remarks>
    public VolumeNode? Find(LayerPath path) => _names.Find(path) is { } node ? Describe(node) : null;

    /// <inheritdoc/>
    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) =>
        _names.Find(directory) is { } node
            ? node.Children.OrderBy(child => child.Name, StringComparer.Ordinal).Select(Describe).ToList()
            : [];

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: a transport folder is written here, and read by Windows.</exception>
    public FileMetadata ReadMetadata(LayerPath path) => throw WriteOnly();

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: a transport folder is written here, and read by Windows.</exception>
    public OpenContent OpenRead(LayerPath path) => throw WriteOnly();

    /// <inheritdoc/>
    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        NameKind kind = metadata.Reparse is null ? NameKind.Directory : NameKind.ReparseDirectory;
        string place = Reserve(path, kind, LayerFolderNames.DirectoryMarker);
        // The marker first: it must be new, while a directory may stand already on a file system with a case rule of its own.
        WriteFile(place + LayerFolderNames.DirectoryMarker, path, metadata, content, isDirectory: true);
        PlaceDirectory(place, kind);
    }

    /// <inheritdoc/>
    public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        if (_names.Find(path) is not { IsDirectory: true } node)
            throw new FileNotFoundException($"There is no directory '{path}' in '{Location}'.", path.Value);
        string place = PlaceOf(node);
        File.Delete(place + LayerFolderNames.DirectoryMarker);
        WriteFile(place + LayerFolderNames.DirectoryMarker, path, metadata, content, isDirectory: true);
        if (metadata.Reparse is not null && node.Kind is NameKind.Directory)
        {
            Directory.Delete(place);
            node.Kind = NameKind.ReparseDirectory;
            _reparseFolders.Add(place);
        }
    }

    /// <inheritdoc/>
    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        string place = Reserve(path, NameKind.File, suffix: "");
        WriteFile(place, path, metadata, content, isDirectory: false);
    }

    /// <inheritdoc/>
    public void Link(LayerPath path, LayerPath target, ILayerTree from)
    {
        bool own = ReferenceEquals(from, this) || ReferenceEquals(from, _layer);
        _links.Add(new PlannedLink(path, target, own ? null : from.Location));
    }

    /// <inheritdoc/>
    public void Remove(LayerPath path) => _removals.Add(path);

    /// <inheritdoc/>
    public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times) =>
        _times.Add(new PlannedTimes(path, attributes, times));

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: only a base layer keeps copies, and that is never staged.</exception>
    public void SaveCopy(LayerPath path, string savedName) => throw WriteOnly();

    /// <inheritdoc/>
    public void Complete()
    {
        foreach (string place in _reparseFolders)
            Directory.CreateDirectory(place);
        _reparseFolders.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static NotSupportedException WriteOnly() => new("A transport folder takes a diff layer's files and gives nothing back.");

    private static VolumeNode Describe(NameNode node) =>
        new(node.ToPath(), node.IsDirectory, node.Kind is NameKind.ReparseDirectory, Length: 0);

    /// <summary>Takes the name, and tells where on the disk it is: below its parents as they were spelled first.</summary>
    private string Reserve(LayerPath path, NameKind kind, string suffix)
    {
        LayerPath directory = path.Parent;
        if (_names.FindParent(path) is not { } parent)
            throw new DirectoryNotFoundException($"There is no directory '{directory}' in '{Location}'.");
        if (parent.Kind is NameKind.ReparseDirectory)
            throw new LayerRefusedException(LayerRules.ThroughReparsePoint, $"'{directory}' is a reparse point");
        if (!parent.IsDirectory)
            throw new LayerRefusedException(LayerRules.NotADirectory, $"'{directory}' is a file");
        if (_names.Find(parent, path.Name) is { } present)
            throw new LayerRefusedException(LayerRules.Duplicate, $"'{present.ToPath()}' is there already");
        CheckLength(path.Name, suffix);
        return PlaceOf(_names.Add(parent, path.Name, kind, NameMarks.None));
    }

    private static void CheckLength(ReadOnlySpan<char> name, string suffix)
    {
        int length = suffix.Length + (OperatingSystem.IsWindows() ? name.Length : Encoding.UTF8.GetByteCount(name));
        if (length > MaxNameBytes)
        {
            string unit = OperatingSystem.IsWindows() ? "UTF-16 units" : "bytes";
            throw new LayerRefusedException(LayerRules.TransportNameLength,
                $"'{name}{suffix}' has {length} {unit}, the file system takes {MaxNameBytes}");
        }
    }

    private string PlaceOf(NameNode node) => Path.Join(_folder, node.ToText(Path.DirectorySeparatorChar));

    // A reparse point's directory goes at once (here: is never made), so that nothing can be staged through it, and comes back at the end.
    private void PlaceDirectory(string place, NameKind kind)
    {
        if (kind is NameKind.ReparseDirectory)
            _reparseFolders.Add(place);
        else
            Directory.CreateDirectory(place);
    }

    private void WriteFile(string place, LayerPath path, FileMetadata metadata, EntryContent content, bool isDirectory)
    {
        try
        {
            _file.Start(place);
        }
        catch (PathTooLongException e)
        {
            throw new LayerRefusedException(LayerRules.TransportNameLength,
                $"the path has {place.Length} characters, more than the file system takes", e);
        }
        catch (IOException e) when (File.Exists(place))
        {
            throw new LayerRefusedException(LayerRules.Duplicate, $"'{Path.GetFileName(place)}' is there already", e);
        }

        try
        {
            if (path.IsBelow(LayerRoots.HivesPath))
                WriteBare(path, content, isDirectory);
            else
                WriteFramed(metadata, content, isDirectory);
            _file.Finish(handle => StagedTimes.Set(handle, metadata.Times));
        }
        finally
        {
            _file.Abandon();
        }
    }

    private void WriteFramed(FileMetadata metadata, EntryContent content, bool isDirectory)
    {
        Span<byte> attributes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, unchecked((uint)metadata.Attributes));
        _file.Write(attributes);
        var records = new BackupStreamWriter(_file);
        records.WriteMetadata(metadata);
        // A symbolic link has no data; other reparse points of files may.
        if (!isDirectory && (metadata.Reparse is null || content.Data.Length > 0))
            records.WriteData(content.Data, content.Data.Length);
        while (content.NextStream() is { } stream)
            records.WriteAlternate(stream.Name, stream.Data, stream.Data.Length);
    }

    private void WriteBare(LayerPath path, EntryContent content, bool isDirectory)
    {
        if (!isDirectory)
            content.Data.CopyTo(_file);
        if (content.NextStream() is { } stream)
            throw new LayerRefusedException(LayerRules.HiveStream, $"the hive '{path}' has the stream '{stream.Name}'");
    }
}
