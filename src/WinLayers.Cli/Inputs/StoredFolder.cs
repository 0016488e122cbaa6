using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Storage;

namespace WinLayers.Cli.Inputs;

/// <summary>A layer's folder as somebody typed it, where it stands in a store.</summary>
internal static class StoredFolder
{
    /// <summary>The store around the folder and the chain id that is its name; null where it is no layer of a store.</summary>
    public static async Task<(LayerStore Store, Digest ChainId)?> FindAsync(string folder, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string root = Path.GetDirectoryName(Path.GetDirectoryName(full)) ?? full;
        return Digest.TryParse("sha256:" + Path.GetFileName(full), out Digest chainId)
            && File.Exists(Path.Combine(root, BlobStore.LayoutFile))
            ? (await LayerStore.OpenAsync(root, cancellationToken).ConfigureAwait(false), chainId)
            : null;
    }
}
