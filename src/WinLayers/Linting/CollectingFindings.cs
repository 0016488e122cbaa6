using WinLayers.Formats;
using WinLayers.Writing;

namespace WinLayers.Linting;

/// <summary>Writes findings down, to be fetched after every entry.</summary>
internal sealed class CollectingFindings(bool parentsKnown) : ILayerFindings
{
    private readonly List<LayerFinding> _found = [];

    public bool WantsReports => true;

    public void Refuse(LayerRule rule, EntryPlace place, string detail)
    {
        // Without the parents these say nothing about the layer.
        if (!parentsKnown && (rule == LayerRules.LinkToNothing || rule == LayerRules.UtilityVmWhiteoutOfNothing))
            Report(LintRules.ParentsUnknown, place, detail);
        else
            Report(rule, place, detail);
    }

    public void Report(LayerRule rule, EntryPlace place, string detail) =>
        _found.Add(new LayerFinding(rule, rule.Severity, place.TarName, place.TarOffset, detail, rule.Remedy));

    internal void Add(LayerRefusedException refused) =>
        Report(refused.Rule, new EntryPlace(refused.EntryName, refused.TarOffset), refused.Detail);

    /// <summary>What was found since the last time.</summary>
    internal LayerFinding[] Take()
    {
        if (_found.Count == 0)
            return [];
        LayerFinding[] taken = [.. _found];
        _found.Clear();
        return taken;
    }
}
