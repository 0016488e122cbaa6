using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Transport;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Portable;

/// <summary>
/// Turns a portable layer back into a layer's tar: the entries in the order of the index, removals as whiteouts, links as hard links,
/// also those
/// into layers below. Unpacked over the same layers, the tar gives the same layer. The bytes depend on the layer alone.
/// </summary>
/// <remarks>
/// What the layer brought and then removed or replaced itself is in the index but not on the disk any more; it stays out. A Utility VM
/// that was
/// taken over from below stays out too: whoever unpacks the tar takes it over again.
/// </remarks>
internal static class PortableExporter
{
    /// <summary>Writes the tar.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="parents">The layers below, nearest first; only a layer that changes a Utility VM needs them.</param>
    /// <param name="tar">Takes the uncompressed tar; stays open. After an exception what it has is no whole tar.</param>
    /// <exception cref="LayerRefusedException">The Utility VM is not that of the given parents, or a name has no form in a tar.</exception>
    public static void Export(PortableTree layer, IReadOnlyList<ILayerTree> parents, Stream tar)
    {
        ArgumentNullException.ThrowIfNull(layer);
        using LayerTarWriter writer = new(tar);
        new Pass(layer, parents, writer).Run();
        writer.Complete();
    }

    private sealed class Pass(PortableTree layer, IReadOnlyList<ILayerTree> parents, LayerTarWriter writer)
    {
        // When a path was removed last, by the line's offset.
        private readonly Dictionary<LayerPath, long> _removedAt = [];

        // Links into layers below whose target this layer then brought itself: they come before it, or they would lead to it.
        private readonly Dictionary<LayerPath, List<LayerIndexEntry>> _linksAhead = [];

        // The names of the Utility VM as whoever unpacks the tar has it at that moment.
        private readonly NameTree<NoItem> _standing = new();

        public void Run()
        {
            foreach ((long offset, LayerIndexEntry entry) in layer.ReadLines())
            {
                if (entry.Kind == LayerIndexKind.Removed)
                    _removedAt[entry.Path] = offset;
                else if (IsAheadOfTarget(offset, entry))
                    Links(entry.Target!.Value).Add(entry);
            }

            using IEnumerator<(long Offset, LayerIndexEntry Entry)> lines = layer.ReadLines().GetEnumerator();
            while (lines.MoveNext())
            {
                (long offset, LayerIndexEntry entry) = lines.Current;
                bool startsUtilityVm = (parents.Count > 0 || layer.Identity.ParentChainId is not null)
                    && entry.Path == LayerRoots.UtilityVmPath && _standing.Find(LayerRoots.UtilityVmPath) == NameTree.None;
                Write(offset, entry);
                if (startsUtilityVm)
                    PassInherited(lines);
            }
        }

        private bool IsAheadOfTarget(long offset, LayerIndexEntry entry) =>
            entry is { Kind: LayerIndexKind.Link, Target: { } target } && entry.From is { } from && from != layer.Identity.ChainId
            && entry.Path.Area is not LayerArea.UtilityVm && layer.LineOf(entry.Path) == offset && layer.Find(target) is not null
                && target != entry.Path;

        private List<LayerIndexEntry> Links(LayerPath target) =>
            _linksAhead.TryGetValue(target, out List<LayerIndexEntry>? links) ? links : _linksAhead[target] = [];

        private void Write(long offset, LayerIndexEntry entry)
        {
            bool inUtilityVm = entry.Path.Area is LayerArea.UtilityVm;
            switch (entry.Kind)
            {
                case LayerIndexKind.Removed:
                    if (!inUtilityVm || Forget(entry.Path))
                        writer.Write(EntryOf(entry, LayerEntryKind.Whiteout, new FileMetadata(), EntryContent.None));
                    break;
                case LayerIndexKind.Link:
                    if (IsFinal(offset, entry.Path) && !IsAheadOfTarget(offset, entry))
                        WriteLink(entry);
                    break;
                default:
                    // A directory that was described twice stands where it was described last; before, its children imply it as they did.
                    if (IsFinal(offset, entry.Path))
                        WriteNode(entry);
                    break;
            }
        }

        private void WriteNode(LayerIndexEntry entry)
        {
            if (_linksAhead.Remove(entry.Path, out List<LayerIndexEntry>? links))
                links.ForEach(WriteLink);

            using OpenContent content = layer.OpenRead(entry.Path);
            LayerEntryKind kind = entry.Kind == LayerIndexKind.Directory ? LayerEntryKind.Directory : LayerEntryKind.File;
            writer.Write(EntryOf(entry, kind, entry.Metadata, content));
            if (entry.Path.Area is LayerArea.UtilityVm)
                _standing.FindOrAdd(entry.Path);
        }

        private void WriteLink(LayerIndexEntry entry)
        {
            writer.Write(EntryOf(entry, LayerEntryKind.HardLink, layer.ReadMetadata(entry.Path), EntryContent.None));
            if (entry.Path.Area is LayerArea.UtilityVm)
                _standing.FindOrAdd(entry.Path);
        }

        // Whether the layer has in the end what this line says: neither the path nor a directory above it was removed or replaced
        // afterwards.
        private bool IsFinal(long offset, LayerPath path)
        {
            for (LayerPath at = path; !at.IsRoot; at = at.Parent)
            {
                if (_removedAt.TryGetValue(at, out long removed) && removed > offset)
                    return false;
            }

            return layer.LineOf(path) == offset;
        }

        // Whether it stood: a Utility VM's whiteout of nothing is refused.
        private bool Forget(LayerPath path)
        {
            int node = _standing.Find(path);
            if (node == NameTree.None)
                return false;
            _standing.Retire(node);
            return true;
        }

        // The index has what was taken over right after UtilityVM itself, in the order of the walk that took it over.
        private void PassInherited(IEnumerator<(long Offset, LayerIndexEntry Entry)> lines)
        {
            ILayerTree source = UtilityVmTakeOver.SourceOf(parents)
                ?? throw Refused("the layer changes a Utility VM, and none of the layers named below it has one");
            foreach (VolumeNode node in UtilityVmTakeOver.Walk(source))
            {
                if (!lines.MoveNext() || lines.Current.Entry.Path != node.Path)
                    throw Refused($"the layer did not take over '{node.Path}' of '{source.Location}'");
                _standing.FindOrAdd(node.Path);
            }
        }

        private LayerRefusedException Refused(string detail) =>
            new LayerRefusedException(ExportRules.Parents, detail).At(layer: layer.Location);

        private static LayerEntry EntryOf(LayerIndexEntry entry, LayerEntryKind kind, FileMetadata metadata, EntryContent content) => new()
        {
            Kind = kind,
            Path = entry.Path,
            Metadata = metadata,
            Content = content,
            LinkTarget = entry.Target ?? default,
            TarName = entry.Path.ToTarName(),
        };
    }
}
