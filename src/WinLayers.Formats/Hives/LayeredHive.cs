namespace WinLayers.Formats.Hives;

/// <summary>What a container sees of a hive: the hives of a chain of layers as one. Not safe for several threads at once.</summary>
/// <remarks>
/// The hives stay the caller's, and are open as long as the view is used. A key is looked for from the top of the chain:
/// <code>
/// absent            go on
/// tombstone         stop
/// merge             take, go on
/// supersede-local   take, ignore the values below, go on for subkeys
/// supersede-tree    take, stop
/// </code>
/// </remarks>
public sealed class LayeredHive
{
    // 127 overlays and the base.
    private const int MaxLayers = 128;

    /// <summary>Puts hives over each other.</summary>
    /// <param name="chain">From child to parent, the base last; null where a layer does not have this hive.</param>
    public LayeredHive(IReadOnlyList<Hive?> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (chain.Count > MaxLayers)
            throw new ArgumentException($"{chain.Count} hives cannot lie over each other, at most {MaxLayers} can.", nameof(chain));
        Root = LayeredKey.Merge(
            chain.Index().Where(layer => layer.Item is not null).Select(layer => new LayeredPart(layer.Index, layer.Item!.Root)));
    }

    /// <summary>The key that all others lie under; null where no layer has the hive.</summary>
    public LayeredKey? Root { get; }

    /// <summary>The key at a path below the root; null where there is none.</summary>
    /// <param name="path">Names between backslashes; empty for the root.</param>
    public LayeredKey? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        LayeredKey? key = Root;
        foreach (string name in path.Split('\\', StringSplitOptions.RemoveEmptyEntries))
            key = key?.FindSubkey(name);
        return key;
    }

    /// <summary>Every key, a parent before its children.</summary>
    public IEnumerable<LayeredKey> EnumerateKeys()
    {
        Stack<LayeredKey> open = [];
        if (Root is not null)
            open.Push(Root);
        while (open.TryPop(out LayeredKey? key))
        {
            yield return key;
            foreach (LayeredKey subkey in key.EnumerateSubkeys().Reverse())
                open.Push(subkey);
        }
    }
}
