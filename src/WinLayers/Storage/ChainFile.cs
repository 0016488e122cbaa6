using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>A stored layer's <c>layerchain.json</c>, held against what the records say lies below the layer.</summary>
internal static class ChainFile
{
    /// <summary>What is below a layer, child to parent; null where a record on the way is missing or damaged.</summary>
    public static LayerChain? Below(StorePaths paths, LayerStore store, LayerIdentity layer)
    {
        List<string> folders = [];
        HashSet<Digest> seen = [layer.ChainId];
        for (Digest? next = layer.ParentChainId; next is { } id; next = store.FindUsable(id)!.Identity.ParentChainId)
        {
            if (!seen.Add(id) || store.FindUsable(id) is null)
                return null;
            folders.Add(paths.LayerOf(id));
        }

        return [.. folders];
    }

    /// <summary>What is wrong with the file; null where nothing is.</summary>
    /// <remarks>
    /// It names folders as they were when the layer was made. A store may have been moved since, so their last parts count.
    /// </remarks>
    public static string? FindProblem(string folder, LayerChain below)
    {
        try
        {
            LayerChain? named = LayerChain.ReadFile(folder);
            if (named is null)
                return below.Count == 0 ? null : "it is not there";
            return named.Select(Path.GetFileName).SequenceEqual(below.Select(Path.GetFileName), StringComparer.Ordinal)
                ? null
                : "it does not name the layers below";
        }
        catch (LayerChainException damaged)
        {
            return damaged.Problem;
        }
    }

    /// <summary>Writes the file anew, whole or not at all.</summary>
    /// <exception cref="DiskException">It cannot be written.</exception>
    public static void Write(string folder, LayerChain below)
    {
        string temporary = $".{LayerChain.FileName}.{Path.GetRandomFileName()}";
        using HostFolder host = HostFolder.Open(folder);
        try
        {
            if (host.Find(LayerChain.FileName) is { Kind: HostItemKind.Folder })
                host.RemoveTree(LayerChain.FileName);
            if (below.Count == 0)
            {
                host.RemoveFile(LayerChain.FileName);
            }
            else
            {
                below.WriteFile(folder, temporary);
                host.Rename(temporary, host, LayerChain.FileName);
            }

            host.Sync();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Unfinished.Remove(host, temporary);
            throw DiskException.FromIO(cause, "cannot write", Path.Combine(folder, LayerChain.FileName));
        }
    }
}
