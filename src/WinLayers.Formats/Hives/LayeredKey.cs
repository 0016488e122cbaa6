using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Hives;

/// <summary>What one layer has of a key.</summary>
/// <param name="Layer">The layer's place in the chain; 0 is the top.</param>
/// <param name="Key">The key there.</param>
public readonly record struct LayeredPart(int Layer, HiveKey Key);

/// <summary>A value with the layer that it comes from.</summary>
/// <param name="Layer">The layer's place in the chain; 0 is the top.</param>
/// <param name="Value">The value there.</param>
public readonly record struct LayeredValue(int Layer, HiveValue Value);

/// <summary>A key as it is over a chain of layers.</summary>
public sealed class LayeredKey
{
    private LayeredKey(IReadOnlyList<LayeredPart> parts) => Parts = parts;

    /// <summary>What the layers have of the key, from the top; at least one.</summary>
    public IReadOnlyList<LayeredPart> Parts { get; }

    /// <summary>The topmost layer that has the key, by its place in the chain; 0 is the top.</summary>
    public int Layer => Parts[0].Layer;

    /// <summary>The name, as the topmost layer spells it.</summary>
    public string Name => Parts[0].Key.Name;

    /// <summary>The path below the root, as the topmost layer spells it.</summary>
    public string Path => Parts[0].Key.Path;

    /// <summary>When the key was last written in any layer.</summary>
    public FileTime LastWrite => Parts.Max(part => part.Key.LastWrite);

    /// <summary>The class name of the topmost layer that does not inherit it.</summary>
    public string? ClassName => Parts.Where(part => !part.Key.InheritsClass).Select(part => part.Key.ClassName).FirstOrDefault();

    /// <summary>Who may do what with the key, as the topmost layer says.</summary>
    public SecurityDescriptor? Security => Parts[0].Key.Security;

    /// <summary>The subkeys, ordered by name.</summary>
    public IEnumerable<LayeredKey> EnumerateSubkeys()
    {
        Dictionary<string, List<LayeredPart>> names = new(NtfsNames.Comparer);
        foreach (LayeredPart part in Parts)
        {
            foreach (HiveKey subkey in part.Key.EnumerateSubkeys())
            {
                string name = subkey.Name;
                if (!names.TryGetValue(name, out List<LayeredPart>? parts))
                    names.Add(name, parts = []);
                // Of two keys with one name Windows finds the first.
                if (parts.Count == 0 || parts[^1].Layer != part.Layer)
                    parts.Add(part with { Key = subkey });
            }
        }

        return names.OrderBy(name => name.Key, NameOrder.Instance).Select(name => Merge(name.Value)).OfType<LayeredKey>();
    }

    /// <summary>The subkey of this name, in any case; null where there is none.</summary>
    /// <param name="name">One name, no path.</param>
    public LayeredKey? FindSubkey(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Merge(
            from part in Parts
            let subkey = part.Key.FindSubkey(name)
            where subkey is not null
            select part with { Key = subkey });
    }

    /// <summary>The values, those of the top first; removed ones are not among them.</summary>
    public IEnumerable<LayeredValue> EnumerateValues()
    {
        HashSet<string> names = new(NtfsNames.Comparer);
        foreach (LayeredPart part in Parts)
        {
            foreach (HiveValue value in part.Key.EnumerateValues())
            {
                if (names.Add(value.Name) && !value.IsTombstone)
                    yield return new LayeredValue(part.Layer, value);
            }

            if (part.Key.Layering == KeyLayering.SupersedeLocal)
                yield break;
        }
    }

    /// <summary>The value of this name, in any case; null where there is none or it is removed.</summary>
    /// <param name="name">The name; empty for the default value.</param>
    public LayeredValue? FindValue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (LayeredPart part in Parts)
        {
            if (part.Key.FindValue(name) is { } value)
                return value.IsTombstone ? null : new LayeredValue(part.Layer, value);
            if (part.Key.Layering == KeyLayering.SupersedeLocal)
                return null;
        }

        return null;
    }

    /// <summary>One key of what the layers have at one path, from the top; null where they come to none.</summary>
    internal static LayeredKey? Merge(IEnumerable<LayeredPart> candidates)
    {
        List<LayeredPart> taken = [];
        foreach (LayeredPart part in candidates)
        {
            if (part.Key.Layering == KeyLayering.Tombstone)
                break;
            taken.Add(part);
            if (part.Key.Layering == KeyLayering.SupersedeTree)
                break;
        }

        return taken.Count == 0 ? null : new LayeredKey(taken);
    }

    private sealed class NameOrder : IComparer<string>
    {
        public static NameOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            ReadOnlySpan<char> left = x, right = y;
            int shared = Math.Min(left.Length, right.Length);
            for (int i = left.CommonPrefixLength(right); i < shared; i++)
            {
                int order = NtfsNames.Upcase(left[i]) - NtfsNames.Upcase(right[i]);
                if (order != 0)
                    return order;
            }

            return left.Length - right.Length;
        }
    }
}
