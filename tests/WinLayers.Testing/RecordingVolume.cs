using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Testing;

/// <summary>One call into a <see cref="RecordingVolume"/>.</summary>
internal sealed record VolumeCall(string Operation, string Path, string? Target = null, string? From = null, FileMetadata? Metadata = null,
    byte[]? Stream = null);

/// <summary>A volume in memory that writes down every call, with the backup stream that Windows would be given.</summary>
internal sealed class RecordingVolume(string location = "layer") : ILayerVolume
{
    private readonly Dictionary<LayerPath, Item> _items =
        new() { [LayerPath.Root] = new Item(LayerPath.Root, IsDirectory: true, FileMetadata.DefaultDirectory, [], []) };

    public List<VolumeCall> Calls { get; } = [];

    public string Location => location;

    public Dictionary<string, byte[]> SavedCopies { get; } = new(StringComparer.Ordinal);

    public bool Completed { get; private set; }

    public IEnumerable<string> Paths => _items.Keys.Select(path => path.Value).Where(path => path.Length > 0).Order(StringComparer.Ordinal);

    public IEnumerable<string> Log => Calls.Select(call =>
        $"{call.Operation} {call.Path}{(call.Target is null ? "" : $" -> {call.Target}")}{(call.From is null ? "" : $" in {call.From}")}");

    public string TextOf(string path) => System.Text.Encoding.UTF8.GetString(_items[LayerPath.FromValue(path)].Data);

    public VolumeNode? Find(LayerPath path) => _items.TryGetValue(path, out Item? item) ? Describe(item) : null;

    public IEnumerable<VolumeNode> Enumerate(LayerPath directory) =>
        _items.Values.Where(item => !item.Path.IsRoot && item.Path.Parent == directory)
            .OrderBy(item => item.Path.Name.ToString(), StringComparer.Ordinal).Select(Describe).ToList();

    public FileMetadata ReadMetadata(LayerPath path) => Get(path).Metadata;

    public OpenContent OpenRead(LayerPath path) => new MemoryContent(Get(path));

    public void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content) =>
        Create("directory", path, isDirectory: true, metadata, content);

    public void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content) =>
        Create("file", path, isDirectory: false, metadata, content);

    public void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content)
    {
        Item item = Get(path);
        Item read = Read(item.Path, isDirectory: true, metadata, content, out byte[] backupStream);
        _items[path] = read with { Streams = [.. item.Streams, .. read.Streams] };
        Calls.Add(new VolumeCall("update", path.Value, Metadata: metadata, Stream: backupStream));
    }

    public void Link(LayerPath path, LayerPath target, ILayerTree from)
    {
        Calls.Add(new VolumeCall("link", path.Value, target.Value, ReferenceEquals(from, this) ? "layer" : from.Location));
        CheckParent(path);
        var source = (RecordingVolume)from;
        Item linked = source.Get(target) with { Path = path };
        if (linked.IsDirectory)
            throw new LayerRefusedException(LayerRules.LinkToDirectory, $"'{target}' is a directory");
        _items.Remove(path);
        _items.Add(path, linked);
    }

    public void Remove(LayerPath path)
    {
        Calls.Add(new VolumeCall("remove", path.Value));
        foreach (LayerPath doomed in _items.Keys.Where(item => item == path || item.IsBelow(path)).ToList())
            _items.Remove(doomed);
    }

    public void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times)
    {
        Calls.Add(new VolumeCall("times", path.Value, Metadata: new FileMetadata { Attributes = attributes, Times = times }));
        Item item = Get(path);
        _items[path] = item with { Metadata = item.Metadata with { Attributes = attributes, Times = times } };
    }

    public void SaveCopy(LayerPath path, string savedName) => SavedCopies.Add(savedName, Get(path).Data);

    public void Complete() => Completed = true;

    public void Dispose()
    {
        // Nothing is open: everything is in memory.
    }

    private static VolumeNode Describe(Item item) => new(item.Path, item.IsDirectory, item.Metadata.Reparse is not null, item.Data.Length);

    private static Item Read(LayerPath path, bool isDirectory, FileMetadata metadata, EntryContent content, out byte[] backupStream)
    {
        using var backup = new MemoryStream();
        var writer = new BackupStreamWriter(backup);
        writer.WriteMetadata(metadata);
        byte[] data = [];
        if (!isDirectory)
        {
            data = ReadAll(content.Data);
            if (metadata.Reparse is null || data.Length > 0)
                writer.WriteData(new MemoryStream(data), data.Length);
        }

        var streams = new List<(string Name, byte[] Data)>();
        while (content.NextStream() is { } stream)
        {
            byte[] bytes = ReadAll(stream.Data);
            streams.Add((stream.Name, bytes));
            writer.WriteAlternate(stream.Name, new MemoryStream(bytes), bytes.Length);
        }

        backupStream = backup.ToArray();
        return new Item(path, isDirectory, metadata, data, streams);
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private void Create(string operation, LayerPath path, bool isDirectory, FileMetadata metadata, EntryContent content)
    {
        CheckParent(path);
        if (_items.ContainsKey(path))
            throw new LayerRefusedException(LayerRules.Duplicate, $"'{path}' is there already");
        _items.Add(path, Read(path, isDirectory, metadata, content, out byte[] backupStream));
        Calls.Add(new VolumeCall(operation, path.Value, Metadata: metadata, Stream: backupStream));
    }

    private void CheckParent(LayerPath path)
    {
        if (!_items.TryGetValue(path.Parent, out Item? parent) || !parent.IsDirectory)
            throw new LayerRefusedException(LayerRules.NotADirectory, $"'{path.Parent}' is no directory");
        if (parent.Metadata.Reparse is not null)
            throw new LayerRefusedException(LayerRules.ThroughReparsePoint, $"'{path.Parent}' is a reparse point");
    }

    private Item Get(LayerPath path) =>
        _items.TryGetValue(path, out Item? item) ? item : throw new FileNotFoundException($"Nothing stands at '{path}'.", path.Value);

    private sealed record Item(LayerPath Path, bool IsDirectory, FileMetadata Metadata, byte[] Data,
        List<(string Name, byte[] Data)> Streams);

    private sealed class MemoryContent(Item item) : OpenContent
    {
        private int _next;

        public override Stream Data { get; } = new MemoryStream(item.Data, writable: false);

        public override AlternateStream? NextStream() =>
            _next == item.Streams.Count ? null
                : new AlternateStream(item.Streams[_next].Name, new MemoryStream(item.Streams[_next++].Data, writable: false));

        protected override void Dispose(bool disposing) => Data.Dispose();
    }
}
