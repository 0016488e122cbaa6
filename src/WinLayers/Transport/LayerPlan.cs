using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Text;
using WinLayers.Volumes;

namespace WinLayers.Transport;

/// <summary>A hard link of a plan.</summary>
/// <param name="Path">The name to make; what has it goes.</param>
/// <param name="Target">The file it leads to.</param>
/// <param name="From">The folder of the parent that has the target; null for the layer itself.</param>
public sealed record PlannedLink(LayerPath Path, LayerPath Target, string? From);

/// <summary>Times and attributes that a directory of a plan gets back.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Times">Its times.</param>
public sealed record PlannedTimes(LayerPath Path, FileAttributes Attributes, FileTimes Times);

/// <summary>What has to follow the import of a transport folder, because that cannot hold it.</summary>
public sealed record LayerPlan
{
    /// <summary>What stands for the layer itself in a link's <c>from</c>.</summary>
    internal const string FromLayer = "layer";

    /// <summary>Paths to remove, first.</summary>
    public IReadOnlyList<LayerPath> Removals { get; init; } = [];

    /// <summary>Hard links to make then, in this order.</summary>
    public IReadOnlyList<PlannedLink> Links { get; init; } = [];

    /// <summary>Directories whose times are set last, in this order.</summary>
    public IReadOnlyList<PlannedTimes> DirectoryTimes { get; init; } = [];

    /// <summary>
    /// Whether the layer changes the Utility VM, so that the <c>.uvm.tar</c> beside the staged folder belongs to the plan.
    /// </summary>
    public bool ChangesUtilityVm
    {
        get => field || NamesUtilityVm;
        init;
    }

    /// <summary>Whether anything else in the plan says that it does.</summary>
    internal bool NamesUtilityVm =>
        Links.Any(link => link.Path.Area is LayerArea.UtilityVm) || DirectoryTimes.Any(times => times.Path.Area is LayerArea.UtilityVm);

    /// <summary>Performs the plan on an imported layer: removals, links, directory times. Does not complete the volume.</summary>
    /// <param name="volume">The layer's volume.</param>
    /// <param name="parents">The layers below; links name one by its <see cref="ILayerTree.Location"/>.</param>
    /// <exception cref="StagingException">A link leads into a folder that is none of the parents'.</exception>
    public void Apply(ILayerVolume volume, IReadOnlyList<ILayerTree> parents)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(parents);
        // Every parent is looked up before anything changes.
        var links = Links.Select(link => (link.Path, link.Target, From: link.From is null ? volume : ParentAt(link, parents))).ToList();
        foreach (LayerPath path in Removals)
            volume.Remove(path);
        foreach ((LayerPath path, LayerPath target, ILayerTree from) in links)
            volume.Link(path, target, from);
        foreach (PlannedTimes times in DirectoryTimes)
            volume.SetDirectoryTimes(times.Path, times.Attributes, times.Times);
    }

    /// <summary>Writes the plan as its JSON document.</summary>
    public void Write(Stream destination) =>
        JsonSerializer.Serialize(destination, PlanDocument.Of(this), PlanDocumentContext.Default.PlanDocument);

    /// <summary>Reads a plan's JSON document. Paths are checked as if they came in a tar.</summary>
    /// <exception cref="StagingException">It is none.</exception>
    public static LayerPlan Read(Stream source)
    {
        try
        {
            using MemoryStream all = new();
            source.CopyTo(all);
            ReadOnlySpan<byte> bytes = all.GetBuffer().AsSpan(0, (int)all.Length);
            return (StrictJson.Deserialize(bytes, PlanDocumentContext.Default.PlanDocument) ?? throw Malformed("it is null", null))
                .ToPlan();
        }
        catch (JsonException e)
        {
            throw Malformed($"the plan cannot be read: {e.Message}", e);
        }
    }

    internal static StagingException Malformed(string problem, Exception? cause) => new(StagingFailure.Plan, problem, cause);

    private static ILayerTree ParentAt(PlannedLink link, IReadOnlyList<ILayerTree> parents)
    {
        foreach (ILayerTree parent in parents)
        {
            if (SameFolder(parent.Location, link.From!))
                return parent;
        }

        throw Malformed($"the link '{link.Path}' leads into '{link.From}', which is none of the parents", null);
    }

    private static bool SameFolder(string one, string other) => string.Equals(
        Path.TrimEndingDirectorySeparator(one), Path.TrimEndingDirectorySeparator(other),
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
