using System.Globalization;
using System.Security.Cryptography;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Unpacking;
using WinLayers.Volumes;

namespace WinLayers.Tests.Hostile;

/// <summary>
/// A store with a base image, between files that nobody may touch: what lies around the store, what lies in the process's own folder, and
/// what
/// the store holds already.
/// </summary>
public sealed class CorpusBed : IAsyncLifetime
{
    /// <summary>What the diff layers of the corpus lie on.</summary>
    internal static readonly byte[] BaseTar = LayerTar.New()
        .Directory("Files").File("Files/keep.txt", "keep").File("Files/Gone.txt", "gone").Directory("Files/dir")
            .File("Files/dir/inner.txt", "inner")
        .MountPoint("Files/mount", "C:\\elsewhere")
        .Directory("Hives").File("Hives/System_Base", "regf")
        .Directory("UtilityVM").Directory("UtilityVM/Files").File("UtilityVM/Files/vm.txt", "vm")
            .MountPoint("UtilityVM/Files/vmmount", "C:\\elsewhere")
        .ToArray();

    // In memory where the system has such a place: the corpus writes and syncs thousands of small files.
    private readonly string _root = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/winlayers-corpus-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("winlayers-corpus-").FullName;

    internal LayerStore Store { get; private set; } = null!;

    /// <summary>The base layer's folder in the store.</summary>
    internal string BaseFolder { get; private set; } = null!;

    internal string Work => Path.Combine(_root, "work");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string sentinel = Path.Combine(_root, "sentinel", "Files", "Windows");
        Directory.CreateDirectory(sentinel);
        await File.WriteAllTextAsync(Path.Combine(sentinel, "untouched.txt"), "untouched", Token);
        await File.WriteAllTextAsync(Path.Combine(_root, "evil"), "was here before", Token);
        Directory.CreateDirectory(Work);
        Store = await LayerStore.OpenAsync(Path.Combine(_root, "store"), Token);
        UnpackedImage image = await UnpackAsync(CorpusImage.Of((BaseTar, BaseTar)));
        BaseFolder = image.Layers[0].Layer.Folder;
        ForgetBlobs();
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty((await Store.VerifyAsync(PortableLayerHost.Instance, cancellationToken: CancellationToken.None)).Problems);
        // Some of what the corpus makes is deeper than a path can say.
        using HostFolder parent = HostFolder.Open(Path.GetDirectoryName(_root)!);
        parent.RemoveTree(Path.GetFileName(_root));
    }

    internal Task<UnpackedImage> UnpackAsync(IImageSource image, CancellationToken? token = null) =>
        new ImageUnpacker(Store, PortableLayerHost.Instance)
            .UnpackAsync(image, request: null, imageName: null, progress: null, token ?? Token);

    /// <summary>Removes the blobs that cases left; a refused layer's are not the store's to judge.</summary>
    internal void ForgetBlobs()
    {
        foreach ((Digest digest, _) in Store.Blobs.List().ToList())
            Store.Blobs.Delete(digest);
    }

    /// <summary>Removes what came in of blobs before a failure, from which the next try would go on.</summary>
    internal void ForgetPartialBlobs()
    {
        ForgetBlobs();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Store.Root, "tmp", "blobs"), "*", SearchOption.AllDirectories))
            File.Delete(file);
    }

    internal LayerChainTrees OpenParents(bool isDiff) => new(isDiff ? [PortableLayerHost.Instance.OpenTree(BaseFolder)] : []);

    /// <summary>
    /// Everything that an operation on a refused layer may not change: names, contents and times around the store and in it, but for the
    /// blobs,
    /// which are what their names say; temporary files; and what the process has open.
    /// </summary>
    internal string Snapshot()
    {
        var lines = new List<string>();
        var ahead = new Stack<DirectoryInfo>([new DirectoryInfo(_root)]);
        while (ahead.TryPop(out DirectoryInfo? folder))
        {
            foreach (FileSystemInfo item in folder.EnumerateFileSystemInfos())
            {
                string name = Path.GetRelativePath(_root, item.FullName);
                // What came in of a blob stays, so that the next try goes on from there.
                if (name is "store/blobs" or "store/tmp/blobs" or "store/tmp/locks" or "store/tmp/index.lock")
                    continue;
                if (item is DirectoryInfo { LinkTarget: null } below)
                    ahead.Push(below);
                string content = item is FileInfo { LinkTarget: null } file
                    ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName))) : item.LinkTarget ?? "";
                // A folder in which temporary files came and went has another time.
                string time = item is FileInfo ? item.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture) : "";
                lines.Add($"{name} {content} {time}");
            }
        }

        lines.AddRange(Directory.EnumerateFileSystemEntries(Environment.CurrentDirectory).Select(path => $"process: {path}"));
        lines.AddRange(OpenFiles().Select(path => $"open: {path}"));
        lines.AddRange(
            Store.Blobs.List().Where(blob => ContentHash.Of(File.ReadAllBytes(Store.Blobs.PathOf(blob.Digest))) != blob.Digest)
            .Select(blob => $"wrong blob: {blob.Digest}"));
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    // Other tests run meanwhile: only what lies in this bed counts.
    internal IEnumerable<string> OpenFiles()
    {
        if (!Directory.Exists("/proc/self/fd"))
            return [];
        return Directory.EnumerateFiles("/proc/self/fd").Select(LinkOf).Where(target => target.StartsWith(_root, StringComparison.Ordinal));

        static string LinkOf(string path)
        {
            try
            {
                return new FileInfo(path).LinkTarget ?? "";
            }
            catch (IOException)
            {
                return "";
            }
        }
    }
}

/// <summary>Layers opened together, closed together.</summary>
internal sealed class LayerChainTrees(IReadOnlyList<ILayerTree> trees) : IDisposable
{
    public IReadOnlyList<ILayerTree> All => trees;

    public void Dispose()
    {
        foreach (ILayerTree tree in trees)
            tree.Dispose();
    }
}
