using WinLayers.Formats;
using WinLayers.Formats.Tar;

namespace WinLayers.Writing;

/// <summary>Where in a layer's tar something was found.</summary>
internal readonly record struct EntryPlace(string? TarName, long? TarOffset)
{
    internal static EntryPlace Of(LayerEntry entry) => new(entry.TarName, entry.TarOffset);
}

/// <summary>
/// Who hears of what a layer does wrong. The rules are checked once, in <see cref="LayerAdmission"/>; a writer throws at the first
/// refusal, the linter writes everything down and goes on.
/// </summary>
internal interface ILayerFindings
{
    /// <summary>Whether <see cref="Report"/> is worth extra work.</summary>
    bool WantsReports { get; }

    /// <summary>The entry cannot be. When this returns, the entry is passed over.</summary>
    void Refuse(LayerRule rule, EntryPlace place, string detail);

    /// <summary>The entry is taken, but this should be known.</summary>
    void Report(LayerRule rule, EntryPlace place, string detail);
}

/// <summary>Throws at the first refusal.</summary>
internal sealed class ThrowingFindings : ILayerFindings
{
    internal static ThrowingFindings Instance { get; } = new();

    public bool WantsReports => false;

    public void Refuse(LayerRule rule, EntryPlace place, string detail) =>
        throw new LayerRefusedException(rule, detail).At(place.TarName, place.TarOffset);

    public void Report(LayerRule rule, EntryPlace place, string detail)
    {
        // Whoever unpacks wants the layer; whoever wants to know, lints it.
    }
}
