using WinLayers.Formats.Text;

namespace WinLayers.Formats;

/// <summary>A layer breaks a rule: its tar is damaged, a name is unsafe, metadata is malformed, a link leads nowhere.</summary>
public sealed class LayerRefusedException : WinLayersException
{
    // What surrounds the detail stays whole: the entry, the layer, the rule.
    private const int MaxDetail = 600;

    /// <summary>Creates the exception; the rooms that know where they are in a layer add the place with <see cref="At"/>.</summary>
    /// <param name="rule">The rule that is broken.</param>
    /// <param name="detail">What was found, with the offending value in quotes.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public LayerRefusedException(LayerRule rule, string detail, Exception? innerException = null)
        : this(rule, detail, entryName: null, tarOffset: null, layer: null, innerException)
    {
    }

    private LayerRefusedException(
        LayerRule rule, string detail, string? entryName, long? tarOffset, string? layer, Exception? innerException)
        : base(rule.Code, Describe(rule, SafeText.Excerpt(detail, MaxDetail), entryName, tarOffset, layer), innerException)
    {
        Rule = rule;
        Detail = SafeText.Excerpt(detail, MaxDetail);
        EntryName = entryName;
        TarOffset = tarOffset;
        Layer = layer;
        Remedy = rule.Remedy;
    }

    /// <summary>The rule that is broken.</summary>
    public LayerRule Rule { get; }

    /// <summary>What was found.</summary>
    public string Detail { get; }

    /// <summary>The entry's name as the tar spells it, where an entry is to blame.</summary>
    public string? EntryName { get; }

    /// <summary>Where the entry's first header starts in the uncompressed tar.</summary>
    public long? TarOffset { get; }

    /// <summary>The layer: its digest or its file.</summary>
    public string? Layer { get; }

    /// <summary>The same refusal with its place; what is already known stays.</summary>
    /// <param name="entryName">The entry's name as the tar spells it.</param>
    /// <param name="tarOffset">Where its first header starts in the uncompressed tar.</param>
    /// <param name="layer">The layer's digest or file.</param>
    public LayerRefusedException At(string? entryName = null, long? tarOffset = null, string? layer = null) =>
        new(Rule, Detail, EntryName ?? entryName, TarOffset ?? tarOffset, Layer ?? layer, InnerException);

    private static string Describe(LayerRule rule, string detail, string? entryName, long? tarOffset, string? layer)
    {
        string place = entryName is null ? "" : $"entry '{SafeText.Excerpt(entryName, limit: 300)}'";
        if (tarOffset is { } offset)
            place += place.Length == 0 ? $"tar offset {offset}" : $" at tar offset {offset}";
        if (layer is not null)
            place += place.Length == 0 ? $"layer {layer}" : $" of layer {layer}";
        return place.Length == 0 ? $"{detail} [{rule.Name}]" : $"{place}: {detail} [{rule.Name}]";
    }
}
