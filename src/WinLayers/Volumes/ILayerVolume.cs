using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Volumes;

/// <summary>What stands at a path of a layer's folder.</summary>
/// <param name="Path">The path as the layer spells it.</param>
/// <param name="IsDirectory">Whether it is a directory (a directory reparse point is one).</param>
/// <param name="IsReparsePoint">Whether it is a reparse point, of either kind.</param>
/// <param name="Length">Bytes of the unnamed stream; 0 for a directory.</param>
public readonly record struct VolumeNode(LayerPath Path, bool IsDirectory, bool IsReparsePoint, long Length);

/// <summary>
/// One layer's folder, read with NTFS meaning: names are found whatever their letter case, and nothing is ever opened through a
/// reparse point. It knows its own layer alone, not the layers below.
/// </summary>
public interface ILayerTree : IDisposable
{
    /// <summary>The layer's folder.</summary>
    string Location { get; }

    /// <summary>What stands at the path in this layer; null where nothing does.</summary>
    VolumeNode? Find(LayerPath path);

    /// <summary>A directory's own children, sorted by name (ordinal). Empty where there is no such directory.</summary>
    IEnumerable<VolumeNode> Enumerate(LayerPath directory);

    /// <summary>The metadata of what stands at the path.</summary>
    /// <exception cref="FileNotFoundException">Nothing stands there.</exception>
    FileMetadata ReadMetadata(LayerPath path);

    /// <summary>Opens data and alternate streams of what stands at the path.</summary>
    /// <exception cref="FileNotFoundException">Nothing stands there.</exception>
    OpenContent OpenRead(LayerPath path);
}

/// <summary>Content that holds something open until disposed.</summary>
public abstract class OpenContent : EntryContent, IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what is open.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>
/// One layer's folder in the making. Calls come from one thread at a time, in the order of the layer's entries; an implementation
/// may finish the writing of files later and on other threads, and then reports a failure from a later call or from
/// <see cref="Complete"/>.
/// </summary>
public interface ILayerVolume : ILayerTree
{
    /// <summary>
    /// Makes a new directory with its metadata and its alternate streams; for a directory that is a reparse point, the reparse
    /// point. Its parent stands already.
    /// </summary>
    /// <exception cref="LayerRefusedException">The name is taken, or a reparse point or a file is on the way.</exception>
    void CreateDirectory(LayerPath path, FileMetadata metadata, EntryContent content);

    /// <summary>
    /// Makes a new file with its metadata, data and alternate streams. Its parent stands already. The content is read before the call
    /// returns.
    /// </summary>
    /// <exception cref="LayerRefusedException">The name is taken, or a reparse point or a file is on the way.</exception>
    void CreateFile(LayerPath path, FileMetadata metadata, EntryContent content);

    /// <summary>Replaces the metadata of a directory that stands already, and adds its alternate streams.</summary>
    void UpdateDirectory(LayerPath path, FileMetadata metadata, EntryContent content);

    /// <summary>
    /// Makes <paramref name="path"/> a further name of <paramref name="target"/> as it stands in <paramref name="from"/>, this layer or
    /// one below; what had the name goes.
    /// </summary>
    void Link(LayerPath path, LayerPath target, ILayerTree from);

    /// <summary>
    /// Removes the path and all below it, from this layer and from what shows through it from below. Nothing there: nothing happens. What
    /// is made at the path afterwards is new.
    /// </summary>
    void Remove(LayerPath path);

    /// <summary>
    /// Sets the times and attributes that the directory was made or last updated with once more, after what was made in it changed them.
    /// They are given because a volume that writes elsewhere has nothing to read them from; one that keeps them otherwise may rely on its
    /// own.
    /// </summary>
    void SetDirectoryTimes(LayerPath path, FileAttributes attributes, FileTimes times);

    /// <summary>Keeps a copy of a file's data beside the layer's roots, under the given bare name.</summary>
    void SaveCopy(LayerPath path, string savedName);

    /// <summary>Finishes everything put off and reports what failed. Nothing is made after it.</summary>
    void Complete();
}
