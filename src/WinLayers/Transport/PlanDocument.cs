using System.Text.Json.Serialization;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Transport;

/// <summary>A plan as JSON has it.</summary>
internal sealed record PlanDocument
{
    public IReadOnlyList<string?>? Removals { get; init; }

    public IReadOnlyList<LinkItem?>? Links { get; init; }

    public IReadOnlyList<TimesItem?>? DirectoryTimes { get; init; }

    /// <summary>There only where the layer changes the Utility VM and nothing above shows it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? UtilityVm { get; init; }

    internal static PlanDocument Of(LayerPlan plan) => new()
    {
        Removals = [.. plan.Removals.Select(path => path.Value)],
        Links = [.. plan.Links.Select(link => new LinkItem(link.Path.Value, link.Target.Value, link.From ?? LayerPlan.FromLayer))],
        DirectoryTimes = [.. plan.DirectoryTimes.Select(TimesItem.Of)],
        UtilityVm = plan.ChangesUtilityVm && !plan.NamesUtilityVm ? true : null,
    };

    internal LayerPlan ToPlan() => new()
    {
        Removals = [.. (Removals ?? []).Select(path => Below(path, LayerRoots.FilesPath, "a removal"))],
        Links = [.. (Links ?? []).Select(ReadLink)],
        DirectoryTimes = [.. (DirectoryTimes ?? []).Select(ReadTimes)],
        ChangesUtilityVm = UtilityVm ?? false,
    };

    private static PlannedLink ReadLink(LinkItem? item)
    {
        LayerPath path = PathOf(item?.Path, "a link");
        LayerPath root = path.Area is LayerArea.UtilityVm ? LayerRoots.UtilityVmFilesPath : LayerRoots.FilesPath;
        Below(item!.Path, root, "a link");
        LayerPath target = Below(item.Target, root, "a link's target");
        if (string.IsNullOrEmpty(item.From))
            throw LayerPlan.Malformed($"the link '{path}' does not say where its target is", null);
        return new PlannedLink(path, target, item.From == LayerPlan.FromLayer ? null : item.From);
    }

    private static PlannedTimes ReadTimes(TimesItem? item)
    {
        LayerPath path = PathOf(item?.Path, "a directory");
        if (item!.Creation < 0 || item.Access < 0 || item.Write < 0 || item.Change < 0)
            throw LayerPlan.Malformed($"a time of '{path}' is negative", null);
        var times = new FileTimes(new FileTime(item.Creation), new FileTime(item.Access), new FileTime(item.Write),
            new FileTime(item.Change));
        return new PlannedTimes(path, unchecked((FileAttributes)item.Attributes), times);
    }

    private static LayerPath Below(string? text, LayerPath root, string what) =>
        PathOf(text, what) is var path
            && path.IsBelow(root) ? path : throw LayerPlan.Malformed($"{what} is '{path}', not below '{root}'", null);

    private static LayerPath PathOf(string? text, string what)
    {
        if (string.IsNullOrEmpty(text))
            throw LayerPlan.Malformed($"{what} has no path", null);
        try
        {
            LayerPath path = LayerPath.FromValue(text);
            return path.IsRoot ? throw LayerPlan.Malformed($"{what} is the layer's root", null) : path;
        }
        catch (LayerRefusedException e)
        {
            throw LayerPlan.Malformed($"{what} has an unsafe path: {e.Detail}", e);
        }
    }

    internal sealed record LinkItem(string? Path, string? Target, string? From);

    internal sealed record TimesItem(string? Path, uint Attributes, long Creation, long Access, long Write, long Change)
    {
        internal static TimesItem Of(PlannedTimes item) => new(
            item.Path.Value, unchecked((uint)item.Attributes),
            item.Times.Creation.Ticks, item.Times.Access.Ticks, item.Times.Write.Ticks, item.Times.Change.Ticks);
    }
}

[JsonSerializable(typeof(PlanDocument))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 64)]
internal sealed partial class PlanDocumentContext : JsonSerializerContext;
