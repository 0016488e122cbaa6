using WinLayers.Hosts;
using WinLayers.Oci.Content;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>Why a folder may not be destroyed as a layer.</summary>
public enum DestroyObstacle
{
    /// <summary>Nothing is in the way.</summary>
    None,

    /// <summary>It is a link, not a layer's folder.</summary>
    Link,

    /// <summary>It was made for a store, which is not around it.</summary>
    OrphanOfStore,

    /// <summary>
    /// It is a layer of a store, which removes its layers itself: it knows who needs them, and waits for who works with them.
    /// </summary>
    InStore,

    /// <summary>It is a layer of an image that a store has unpacked.</summary>
    OfImage,

    /// <summary>It is a scratch layer, which has to be unmounted first.</summary>
    Scratch,

    /// <summary>Nothing in it says that it is a layer.</summary>
    NotALayer,

    /// <summary>Something else is in it too.</summary>
    HoldsOther,

    /// <summary>A layer beside it stands on it.</summary>
    HasChild,
}

/// <summary>
/// Whether a folder may be destroyed: it is a layer beyond doubt, holds nothing else, and nobody that can be seen stands on it.
/// </summary>
/// <param name="Folder">The folder, absolute.</param>
/// <param name="Obstacle">What is in the way.</param>
public sealed record DestroyCheck(string Folder, DestroyObstacle Obstacle)
{
    /// <summary>The name of the host that made the layer; null where something is in the way before that is known.</summary>
    public string? Host { get; private init; }

    /// <summary>The store, the name that is no part of a layer, or the layer above, as <see cref="Obstacle"/> has it.</summary>
    public string? Detail { get; private init; }

    /// <summary>The image that has the layer, with <see cref="DestroyObstacle.OfImage"/>.</summary>
    public ImageRecord? Image { get; private init; }

    /// <summary>Looks at a folder. Changes nothing; what is beside it or in it may be another a moment later.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="forms">What layers look like, by host; the first that is certain counts.</param>
    /// <param name="cancellationToken">Stops waiting for a store.</param>
    public static async Task<DestroyCheck> LookAsync(string folder, IReadOnlyList<ILayerFolderForm> forms,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(forms);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (new DirectoryInfo(full).LinkTarget is not null)
            return new DestroyCheck(full, DestroyObstacle.Link);
        if (File.Exists(Path.Combine(full, LayerFolderNames.StoredRecord)))
            return await LookInStoreAsync(full, cancellationToken).ConfigureAwait(false);
        if (File.Exists(Path.Combine(full, LayerFolderNames.ScratchDisk)) || LayerFolder.Identify(full) is LayerFolderKind.Scratch)
            return new DestroyCheck(full, DestroyObstacle.Scratch);
        if (forms.FirstOrDefault(form => form.IsCertain(full)) is not { } found)
            return new DestroyCheck(full, DestroyObstacle.NotALayer);
        if (Directory.EnumerateFileSystemEntries(full).Select(path => Path.GetFileName(path))
            .FirstOrDefault(name => !found.Names.Contains(name)) is { } stranger)
            return new DestroyCheck(full, DestroyObstacle.HoldsOther) { Host = found.Host, Detail = stranger };
        return ChildOf(full) is { } child
            ? new DestroyCheck(full, DestroyObstacle.HasChild) { Host = found.Host, Detail = child }
            : new DestroyCheck(full, DestroyObstacle.None) { Host = found.Host };
    }

    private static async Task<DestroyCheck> LookInStoreAsync(string full, CancellationToken cancellationToken)
    {
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(full));
        if (root is null || !File.Exists(Path.Combine(root, BlobStore.LayoutFile)))
            return new DestroyCheck(full, DestroyObstacle.OrphanOfStore) { Detail = LayerFolderNames.StoredRecord };
        LayerStore store = await LayerStore.OpenAsync(root, cancellationToken).ConfigureAwait(false);
        ImageRecord? image = store.ListImages().FirstOrDefault(one => one.Chain.Any(id => IsSame(id.Hex, Path.GetFileName(full))));
        return new DestroyCheck(full, image is null ? DestroyObstacle.InStore : DestroyObstacle.OfImage) { Detail = root, Image = image };
    }

    // Layers and scratch layers stand side by side as a rule; those elsewhere on the machine cannot be known.
    private static string? ChildOf(string folder)
    {
        string around = Path.GetDirectoryName(folder) ?? folder;
        EnumerationOptions options = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return Directory.EnumerateDirectories(around, "*", options)
            .FirstOrDefault(beside => Parents(beside)?.Any(parent => IsSame(Path.TrimEndingDirectorySeparator(parent), folder)) == true);
    }

    private static LayerChain? Parents(string folder)
    {
        try
        {
            return LayerChain.ReadFile(folder);
        }
        catch (LayerChainException)
        {
            // Not a chain, so nothing that says it stands on another.
            return null;
        }
    }

    private static bool IsSame(string one, string other) =>
        string.Equals(one, other, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
