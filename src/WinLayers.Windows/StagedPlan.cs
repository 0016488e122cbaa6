using WinLayers.Formats;
using WinLayers.Transport;
using WinLayers.Volumes;
using WinLayers.Windows.Interop;
using WinLayers.Writing;

namespace WinLayers.Windows;

/// <summary>A plan that was made elsewhere, over copies of the same parents in other folders.</summary>
internal static class StagedPlan
{
    /// <summary>
    /// The plan with the parents that it names by where they are here: the same folder, or else the only one of the same name.
    /// </summary>
    /// <exception cref="LayerRefusedException">A link leads into a folder that is none of the parents, or could be several.</exception>
    internal static LayerPlan At(LayerPlan plan, IReadOnlyList<ILayerTree> parents) =>
        plan with { Links = [.. plan.Links.Select(link => link.From is null ? link : link with { From = Locate(link, parents) })] };

    private static string Locate(PlannedLink link, IReadOnlyList<ILayerTree> parents)
    {
        string name = HostPath.LastPart(link.From!);
        List<string> same = [];
        foreach (ILayerTree parent in parents)
        {
            if (string.Equals(parent.Location, link.From, StringComparison.OrdinalIgnoreCase))
                return parent.Location;
            if (string.Equals(HostPath.LastPart(parent.Location), name, StringComparison.OrdinalIgnoreCase))
                same.Add(parent.Location);
        }

        return same is [var only]
            ? only
            : throw new LayerRefusedException(
                LayerRules.LinkToNothing,
                $"the link '{link.Path}' leads into '{link.From}', and " +
                    $"{(same.Count == 0 ? "none" : same.Count)} of the parents has this name");
    }
}
