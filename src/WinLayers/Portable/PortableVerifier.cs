using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>Compares a portable layer's folder with its index: names and kinds both ways, every byte, links and streams.</summary>
/// <param name="layerFolder">The layer's folder.</param>
/// <param name="parents">The layers below, to compare links that lead into them.</param>
/// <param name="progress">Told how many bytes were read by now.</param>
internal sealed class PortableVerifier(string layerFolder, LayerChain parents, IProgress<long>? progress = null)
{
    private const int FilesAtOnce = 32;

    private static readonly string[] KnownBeside =
        [StoredNames.Index, StoredNames.Streams, LayerChain.FileName, "bcd.bak", "bcd.log.bak", "bcd.log1.bak", "bcd.log2.bak"];

    private readonly ConcurrentQueue<LayerProblem> _problems = [];
    private readonly List<(string Path, SafeFileHandle File, long Size, Digest Hash)> _toRead = [];
    private readonly Dictionary<string, PortableTree?> _others = new(StringComparer.Ordinal);

    // Where several names share one line of the index: the file that the first of them was.
    private readonly Dictionary<long, HostItem> _shared = [];

    /// <summary>Whether files and streams are read, and links looked at; else names, kinds and sizes of files are compared alone.</summary>
    public bool ReadsFiles { get; init; } = true;

    /// <summary>Files that were read.</summary>
    public long Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    public IReadOnlyCollection<LayerProblem> Verify(LayerIdentity? expected, CancellationToken cancellationToken)
    {
        try
        {
            using PortableTree tree = PortableTree.Open(layerFolder);
            if (expected is not null && expected != tree.Identity)
                Report(StoredNames.Index, LayerProblemKind.Damaged, $"the index is of the layer {tree.Identity.ChainId}");
            VerifyNames(tree, cancellationToken);
            if (!ReadsFiles)
                return [.. _problems.Where(problem => problem.Path != LayerFolderNames.StoredRecord)];
            VerifyStreams(tree, cancellationToken);
            ReadFiles(cancellationToken);
        }
        catch (Exception damage) when (damage is LayerIndexException or DiskException && !DiskException.IsOutOfFiles(damage))
        {
            Report(StoredNames.Index, LayerProblemKind.Damaged, damage.Message);
        }
        finally
        {
            foreach ((_, SafeFileHandle file, _, _) in _toRead)
                file.Dispose();
            foreach (PortableTree? other in _others.Values)
                other?.Dispose();
        }

        return _problems;
    }

    private void VerifyNames(PortableTree tree, CancellationToken cancellationToken)
    {
        VolumeNames names = tree.Names;
        for (int node = 1; node < names.Tree.Count; node++)
        {
            if (names[node].Has(LayerItemTraits.Link) && names[node].Content != names[node].Line)
                _shared.TryAdd(names[node].Content, default);
        }

        Stack<int> directories = new([NameTree.Root]);
        while (directories.TryPop(out int directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            HashSet<string> onDisk = new(tree.InFolder(directory, folder => folder.List()), StringComparer.Ordinal);
            if (directory == NameTree.Root)
            {
                onDisk.ExceptWith(KnownBeside);
            }

            foreach (int child in names.Tree.SortedChildren(directory))
            {
                string stored = names.StoredNameOf(child);
                onDisk.Remove(stored);
                if (VerifyName(tree, directory, child, stored))
                    directories.Push(child);
                if (_toRead.Count >= FilesAtOnce)
                    ReadFiles(cancellationToken);
            }

            foreach (string extra in onDisk.Order(StringComparer.Ordinal))
                Report(Join(names.Tree.PathOf(directory), extra), LayerProblemKind.Extra, "the layer has no such entry");
        }
    }

    // Whether it is a directory to go on in.
    private bool VerifyName(PortableTree tree, int directory, int node, string stored)
    {
        string path = tree.Names.Tree.PathOf(node);
        LayerItem item = tree.Names[node];
        HostItem? found = tree.InFolder(directory, folder => folder.Find(stored));
        if (found is null)
        {
            Report(path, LayerProblemKind.Missing, "it is not there");
            return false;
        }

        HostItemKind kind = item.Has(LayerItemTraits.Directory) ? HostItemKind.Folder : HostItemKind.File;
        if (found.Value.Kind != kind)
        {
            Report(path, LayerProblemKind.WrongKind,
                $"expected a {kind.ToString().ToLowerInvariant()}, found a {found.Value.Kind.ToString().ToLowerInvariant()} one");
            return false;
        }

        if (kind == HostItemKind.Folder)
            return true;
        if (found.Value.Length != item.Length)
            Report(path, LayerProblemKind.Changed, $"it has {found.Value.Length} bytes, expected {item.Length}");
        else if (ReadsFiles && !IsKnownFile(tree, node, path, found.Value))
            Enqueue(path, () => tree.InFolder(directory, folder => folder.OpenFile(stored)), item.Length, tree.ContentOf(node).Sha256);
        return false;
    }

    // Whether the file was met before under another name, so that reading it once is enough.
    private bool IsKnownFile(PortableTree tree, int node, string path, HostItem found)
    {
        LayerItem item = tree.Names[node];
        if (_shared.TryGetValue(item.Content, out HostItem first))
        {
            if (first == default)
            {
                _shared[item.Content] = found;
                return false;
            }

            if (first.FileId == found.FileId)
                return true;
            Report(path, LayerProblemKind.LinkBroken, "it is a file of its own, expected a link within the layer");
            return false;
        }

        if (item.Has(LayerItemTraits.Link) && tree.ContentOf(node) is { IsCopy: false, From: { } from, Target: { } target }
            && from != tree.Identity.ChainId)
        {
            if (Other(from)?.LookAt(target) is { } other && other.FileId != found.FileId)
                Report(path, LayerProblemKind.LinkBroken, $"it is a file of its own, expected a link to '{target}' of the layer {from}");
        }

        return false;
    }

    // Opening a tree costs as much as it has entries. A store's folder has the chain id as its name, so that one is tried first.
    private PortableTree? Other(Digest chainId)
    {
        foreach (string folder in parents.OrderByDescending(folder => Path.GetFileName(folder.AsSpan()).SequenceEqual(chainId.Hex)))
        {
            if (Open(folder) is { } tree && tree.Identity.ChainId == chainId)
                return tree;
        }

        return null;
    }

    private PortableTree? Open(string folder)
    {
        if (_others.TryGetValue(folder, out PortableTree? known))
            return known;
        PortableTree? tree = null;
        try
        {
            if (Directory.Exists(folder))
                tree = PortableTree.Open(folder);
        }
        catch (WinLayersException damaged) when (!DiskException.IsOutOfFiles(damaged))
        {
            // Its own check tells what is wrong with it; the link's bytes are checked all the same.
        }

        _others.Add(folder, tree);
        return tree;
    }

    private void VerifyStreams(PortableTree tree, CancellationToken cancellationToken)
    {
        Dictionary<string, (string Path, LayerIndexStream Stream)> wanted = new(StringComparer.Ordinal);
        foreach (LayerIndexEntry entry in tree.ReadEntries())
        {
            foreach (LayerIndexStream stream in entry.Streams)
                wanted.TryAdd(stream.Sha256.Hex, ($"{entry.Path}:{stream.Name}", stream));
        }

        HostItem? folder = tree.InFolder(NameTree.Root, root => root.Find(StoredNames.Streams));
        if (folder is not { Kind: HostItemKind.Folder })
        {
            if (folder is not null)
                Report(StoredNames.Streams, LayerProblemKind.WrongKind, "it is no folder");
            foreach ((string path, _) in wanted.Values)
                Report(path, LayerProblemKind.Missing, "it is not there");
            return;
        }

        using HostFolder streams = tree.InFolder(NameTree.Root, root => root.OpenFolder(StoredNames.Streams));
        foreach (string name in streams.List().Order(StringComparer.Ordinal))
        {
            if (!wanted.Remove(name, out (string Path, LayerIndexStream Stream) known))
                Report(Join(StoredNames.Streams, name), LayerProblemKind.Extra, "the layer has no such stream");
            else if (streams.Find(name) is not { Kind: HostItemKind.File } found)
                Report(known.Path, LayerProblemKind.WrongKind, "it is no file");
            else if (found.Length != known.Stream.Size)
                Report(known.Path, LayerProblemKind.Changed, $"it has {found.Length} bytes, expected {known.Stream.Size}");
            else
                Enqueue(known.Path, () => streams.OpenFile(name), known.Stream.Size, known.Stream.Sha256);
            if (_toRead.Count >= FilesAtOnce)
                ReadFiles(cancellationToken);
        }

        foreach ((string path, _) in wanted.Values)
            Report(path, LayerProblemKind.Missing, "it is not there");
    }

    private void Enqueue(string path, Func<SafeFileHandle> open, long size, Digest? hash)
    {
        if (hash is not { } expected)
        {
            Report(path, LayerProblemKind.Damaged, "the index has no digest for it");
            return;
        }

        try
        {
            _toRead.Add((path, open(), size, expected));
        }
        catch (DiskException cannot) when (!DiskException.IsOutOfFiles(cannot))
        {
            Report(path, LayerProblemKind.Damaged, $"it cannot be read: {cannot.Message}");
        }
    }

    private void ReadFiles(CancellationToken cancellationToken)
    {
        ParallelOptions options = new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(_toRead, options, item =>
        {
            try
            {
                using FileStream stream = new(item.File, FileAccess.Read, bufferSize: 0);
                Digest found = Digest.FromHash(SHA256.HashData(stream));
                if (found != item.Hash)
                    Report(item.Path, LayerProblemKind.Changed, $"its digest is {found}, expected {item.Hash}");
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                Report(item.Path, LayerProblemKind.Damaged, $"it cannot be read: {cause.Message}");
            }
        });
        foreach ((_, _, long size, _) in _toRead)
        {
            Files++;
            Bytes += size;
        }

        progress?.Report(Bytes);

        _toRead.Clear();
    }

    private static string Join(string directory, string name) => directory.Length == 0 ? name : $"{directory}\\{name}";

    private void Report(string path, LayerProblemKind kind, string detail) =>
        _problems.Enqueue(new LayerProblem(layerFolder, path, kind, detail));
}
