using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>Where things are in a store.</summary>
internal sealed class StorePaths(string root)
{
    private const string PendingPrefix = "layer-";
    private const string RemovedPrefix = "removed-";
    private const string WorkPrefix = "work-";

    /// <summary>Where a store is by default; <see cref="LayerStore.DefaultLocation"/> says it to people.</summary>
    public static string DefaultRoot
    {
        get
        {
            if (Environment.GetEnvironmentVariable("WINLAYERS_STORE") is { Length: > 0 } chosen)
                return Path.GetFullPath(chosen);
            if (OperatingSystem.IsWindows())
                return SystemRoot;

            // The specification has relative values ignored.
            string? data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
            if (!Path.IsPathFullyQualified(data ?? ""))
                data = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
            return Path.Combine(data!, "winlayers");
        }
    }

    /// <summary>The default on Windows, one for the whole machine.</summary>
    public static string SystemRoot =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "WinLayers");

    public string Root { get; } = root;

    public string Layers { get; } = Path.Combine(root, LayerFolderNames.StoreLayers);

    public string Images { get; } = Path.Combine(root, LayerFolderNames.StoreImages);

    public string Holds { get; } = Path.Combine(root, "roots");

    public string Names { get; } = Path.Combine(root, "names");

    public string Scratch { get; } = Path.Combine(root, "scratch");

    public string Temporary { get; } = Path.Combine(root, "tmp");

    public string Locks { get; } = Path.Combine(root, "tmp", "locks");

    /// <summary>
    /// Whether a store was made here: beside the image layout are the places of its layers and images, which stay when what is temporary
    /// is cleared.
    /// </summary>
    public bool IsStore => LayerFolder.Identify(Root) is LayerFolderKind.Store;

    public string StoreLock => Path.Combine(Locks, "store");

    public string ImagesLock => Path.Combine(Locks, "images");

    public string LayerOf(Digest chainId) => Path.Combine(Layers, chainId.Hex);

    public string LockOf(string chainHex) => Path.Combine(Locks, "layer-" + chainHex);

    /// <summary>A new folder for a layer in the making. The chain id is in its name, so that its lock tells whether it is alive.</summary>
    public string NewPending(Digest chainId) =>
        Path.Combine(Temporary, $"{PendingPrefix}{chainId.Hex}-{Guid.NewGuid().ToString("N")[..12]}");

    /// <summary>A new folder for other work in flight, whose maker holds a lease.</summary>
    public string NewWork() => Path.Combine(Temporary, $"{WorkPrefix}{Guid.NewGuid():N}");

    private string NewRemoved() => Path.Combine(Temporary, $"{RemovedPrefix}{Guid.NewGuid():N}");

    /// <summary>Takes a folder out of the layers, in one step, into a new one that is to be removed.</summary>
    /// <returns>The new folder; the layer's is in it, under its own name.</returns>
    public string MoveAside(string name)
    {
        string holder = NewRemoved();
        Directory.CreateDirectory(holder);
        using HostFolder from = HostFolder.Open(Layers);
        using HostFolder into = HostFolder.Open(holder);
        from.Rename(name, into, name);
        return holder;
    }

    /// <summary>The same; null where nothing has the name.</summary>
    public string? TryMoveAside(string name)
    {
        using (HostFolder layers = HostFolder.Open(Layers))
        {
            if (layers.Find(name) is null)
                return null;
        }

        return MoveAside(name);
    }

    /// <summary>Undoes <see cref="MoveAside"/>.</summary>
    public void MoveBack(string holder, string name)
    {
        using HostFolder into = HostFolder.Open(Layers);
        using (HostFolder from = HostFolder.Open(holder))
            from.Rename(name, into, name);
        using HostFolder temporary = HostFolder.Open(Temporary);
        temporary.RemoveFolder(Path.GetFileName(holder));
    }

    /// <summary>The chain id of a layer in the making, from its folder's name; null for another name.</summary>
    public static string? ChainOfPending(string name) =>
        name.StartsWith(PendingPrefix, StringComparison.Ordinal) && name.LastIndexOf('-') is var end && end > PendingPrefix.Length
            ? name[PendingPrefix.Length..end]
            : null;

    public static bool IsWork(string name) => name.StartsWith(WorkPrefix, StringComparison.Ordinal);

    public static bool IsRemoved(string name) => name.StartsWith(RemovedPrefix, StringComparison.Ordinal);
}
