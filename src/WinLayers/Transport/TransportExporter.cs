using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Transport;

/// <summary>
/// Turns a transport folder, as ExportLayer writes it, into the layer's tar, in the reference's order and dialect, on any system. Off
/// Windows
/// a file system keeps the time of writing alone, which then stands for all four.
/// </summary>
public static class TransportExporter
{
    private static readonly LayerPath SystemHive = LayerRoots.HivesPath.Child("System_Delta");
    private static readonly LayerPath RecycleBin = LayerRoots.FilesPath.Child("$Recycle.Bin");

    /// <summary>Writes the tar. The folder may not change meanwhile, and nothing in it is followed out of it.</summary>
    /// <param name="transportFolder">The folder.</param>
    /// <param name="tar">Takes the uncompressed tar; stays open. After an exception what it has is no whole tar.</param>
    /// <exception cref="LayerRefusedException">The folder is not as ExportLayer writes it.</exception>
    public static void Export(string transportFolder, Stream tar)
    {
        using FolderTree folder = new(transportFolder);
        using LayerTarWriter writer = new(tar);
        new Walk(folder, writer, TombstoneList.Read(transportFolder)).Run();
        writer.Complete();
    }

    private sealed class Walk(FolderTree folder, LayerTarWriter writer, IReadOnlyList<LayerPath> removals)
    {
        private readonly Dictionary<LayerPath, List<LayerPath>> _removals =
            removals.GroupBy(path => path.Parent).ToDictionary(group => group.Key, group => group.ToList());

        public void Run()
        {
            // A stack of its own: directories may lie deeper than a thread's stack.
            Stack<VolumeNode> pending = new();
            PushChildren(LayerPath.Root, pending);
            while (pending.TryPop(out VolumeNode node))
            {
                if (node.Path == RecycleBin)
                    continue;
                if (!Write(node))
                    continue;
                WriteRemovals(node.Path);
                PushChildren(node.Path, pending);
            }

            // Removals in directories that the folder leaves out: a tar may leave out parents too.
            foreach (LayerPath parent in _removals.Keys.Order().ToList())
                WriteRemovals(parent);
        }

        private void PushChildren(LayerPath directory, Stack<VolumeNode> pending)
        {
            foreach (VolumeNode child in folder.Enumerate(directory).Reverse())
            {
                if (child.IsReparsePoint)
                    throw new LayerRefusedException(ExportRules.Frame,
                        $"'{child.Path}' is a link itself; a transport folder describes links in plain files");
                ReadOnlySpan<char> name = child.Path.Name;
                if (!child.IsDirectory && name.EndsWith(LayerFolderNames.DirectoryMarker, StringComparison.Ordinal))
                {
                    if (folder.Find(
                        directory.Child(name[..^LayerFolderNames.DirectoryMarker.Length].ToString())) is not { IsDirectory: true })
                        throw new LayerRefusedException(ExportRules.Marker, $"'{child.Path}' has no directory beside it");
                    continue;
                }

                if (!directory.IsRoot || !NtfsNames.Equal(name, LayerFolderNames.Tombstones))
                    pending.Push(child);
            }
        }

        /// <summary>Writes the entry; whether it has children to look for.</summary>
        private bool Write(VolumeNode node)
        {
            if (!node.Path.IsBelow(LayerRoots.FilesPath))
            {
                WriteBare(node);
                return node.IsDirectory;
            }

            LayerPath place = node.IsDirectory ? node.Path.Parent.Child(node.Path.Name.ToString() + LayerFolderNames.DirectoryMarker)
                : node.Path;
            if (folder.Find(place) is null)
                throw new LayerRefusedException(ExportRules.Marker, $"the directory '{node.Path}' has no marker '{place.Name}'");
            try
            {
                using OpenContent content = folder.OpenRead(place);
                using StagedFile staged = new(content.Data, TimesOf(place));
                Write(node, staged.Metadata, staged);
                return node.IsDirectory && staged.Metadata.Reparse is null;
            }
            catch (LayerRefusedException e) when (e.EntryName is null)
            {
                throw e.At(node.Path.ToTarName());
            }
        }

        // Outside Files only the file system knows anything, and the import leaves no times of creation and access there, but that of
        // change. The times of Files and Hives themselves are those of the moment of the import: a hive has the layer's.
        private void WriteBare(VolumeNode node)
        {
            bool isRoot = node.Path == LayerRoots.FilesPath || node.Path == LayerRoots.HivesPath;
            FileTimes times = TimesOf(isRoot && folder.Find(SystemHive) is not null ? SystemHive : node.Path);
            FileMetadata metadata = new()
            {
                Attributes = folder.ReadMetadata(node.Path).Attributes,
                Times = new FileTimes(times.Write, times.Write, times.Write, times.Change),
            };
            using OpenContent content = folder.OpenRead(node.Path);
            Write(node, metadata, content);
        }

        private void Write(VolumeNode node, FileMetadata metadata, EntryContent content) => writer.Write(new LayerEntry
        {
            Kind = node.IsDirectory ? LayerEntryKind.Directory : LayerEntryKind.File,
            Path = node.Path,
            Metadata = ExportedMetadata.Of(metadata),
            Content = content,
            TarName = node.Path.ToTarName(),
        });

        private void WriteRemovals(LayerPath directory)
        {
            if (!_removals.Remove(directory, out List<LayerPath>? paths))
                return;
            foreach (LayerPath path in paths)
            {
                writer.Write(new LayerEntry
                {
                    Kind = LayerEntryKind.Whiteout,
                    Path = path,
                    Metadata = new FileMetadata(),
                    TarName = path.ToTarName(),
                });
            }
        }

        private FileTimes TimesOf(LayerPath path)
        {
            FileTimes times = folder.ReadMetadata(path).Times;
            return OperatingSystem.IsWindows() ? times : FileTimes.All(times.Write);
        }
    }
}
