using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Portable;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>inspect --json</c> prints of a layer's folder.</summary>
internal sealed record InspectedFolder(
    string Folder, string? Digest, string? DiffId, string? ChainId, IReadOnlyList<string> Parents, LayerSummary Contents)
{
    public static InspectedFolder Of(string folder, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        using ILayerTree tree = LayerTrees.Open(full);
        LayerIdentity? identity = (tree as PortableTree)?.Identity;
        return new InspectedFolder(
            full, identity?.Digest.ToString(), identity?.DiffId.ToString(), identity?.ChainId.ToString(), ChainOption.Below(full),
                LayerSummary.Of(tree, PortableLayerHost.Instance.List(tree), cancellationToken));
    }

    public void WriteTo(Output output)
    {
        var facts = new Facts();
        facts.Add("Folder", Folder);
        facts.Add("Made by", Contents.Host == "portable" ? "the portable host" : "Windows");
        facts.Add("Chain id", ChainId);
        facts.Add("DiffID", DiffId);
        facts.Add("Blob", Digest);
        for (int i = 0; i < Parents.Count; i++)
            facts.Add(i == 0 ? "Over" : "", Parents[i]);
        facts.Add("Holds",
            $"{Quantity.Count(Contents.Files, "file")}, {Quantity.Bytes(Contents.Bytes)}; " +
                $"{Quantity.Count(Contents.Directories, "directory", "directories")}");
        if (Contents is { Links: { } links, Removals: { } removals })
            facts.Add("", $"{Quantity.Count(links, "link")}, {Quantity.Count(removals, "removal")}");
        facts.Add("Utility VM", Contents.UtilityVm?.Detail ?? "none");
        facts.WriteTo(output);
    }
}
