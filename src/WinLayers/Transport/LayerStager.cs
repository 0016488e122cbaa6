using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Formats;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Transport;

/// <summary>A diff layer that is staged for ImportLayer.</summary>
public sealed record StagedLayer
{
    /// <summary>The transport folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The file beside it with <see cref="Plan"/> as JSON.</summary>
    public required string PlanFile { get; init; }

    /// <summary>The tar beside it with the layer's changes of the Utility VM; null where it has none.</summary>
    public string? UtilityVmFile { get; init; }

    /// <summary>What has to follow the import.</summary>
    public required LayerPlan Plan { get; init; }

    /// <summary>What nothing was refused for, but should be known: a tar that ends where it may have been cut.</summary>
    public IReadOnlyList<LayerFinding> Warnings { get; init; } = [];

    /// <summary>How many entries the layer has.</summary>
    public required long EntryCount { get; init; }

    /// <summary>How many of them are files.</summary>
    public required long FileCount { get; init; }

    /// <summary>Bytes in the files' unnamed streams.</summary>
    public required long DataBytes { get; init; }
}

/// <summary>Turns the tar of a diff layer into a transport folder and the plan that follows its import, on any system.</summary>
public static class LayerStager
{
    /// <summary>
    /// Stages a layer in a new folder, with <c>.plan.json</c> and, if it changes the Utility VM, <c>.uvm.tar</c> beside it. All are made
    /// under temporary names and appear when they are whole; on failure nothing is left. Nothing that is there already is touched.
    /// </summary>
    /// <param name="tar">The layer's uncompressed tar, read to its end.</param>
    /// <param name="outFolder">The transport folder, which does not exist yet.</param>
    /// <param name="parents">The layers below, nearest first.</param>
    /// <param name="limits">What the layer may cost.</param>
    /// <exception cref="LayerRefusedException">The layer breaks a rule, or is a base layer.</exception>
    /// <exception cref="StagingException">The folder, or one of the files beside it, exists.</exception>
    /// <exception cref="DiskException">Writing failed.</exception>
    public static StagedLayer Stage(Stream tar, string outFolder, IReadOnlyList<ILayerTree> parents, LayerLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(tar);
        ArgumentNullException.ThrowIfNull(parents);
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder));
        if (parents.Count == 0)
            throw new LayerRefusedException(LayerRules.StagedBase,
                "the layer has no parents, and a base layer is not staged: it is written in place");
        try
        {
            using var work = new StagingWork(folder);
            StagedLayer staged = Write(tar, work, parents, limits);
            work.Publish(staged.UtilityVmFile is not null);
            return staged;
        }
        catch (Exception cause) when (DiskException.IsDiskAtFault(cause))
        {
            throw DiskException.FromIO(cause, "cannot stage in", folder);
        }
    }

    /// <summary>Applies a staged layer's changes of the Utility VM to the layer's own folder, before the import.</summary>
    /// <param name="tar">The <c>.uvm.tar</c> of the staged layer.</param>
    /// <param name="layer">The layer's volume; left incomplete.</param>
    /// <param name="parents">The layers below, nearest first.</param>
    public static void ApplyUtilityVm(Stream tar, ILayerVolume layer, IReadOnlyList<ILayerTree> parents)
    {
        using var rest = new DiscardingVolume();
        var writer = new DiffLayerWriter(rest, layer, parents);
        using var reader = new LayerTarReader(tar);
        while (reader.Read() is { } entry)
        {
            if (entry.Path.Area is not LayerArea.UtilityVm)
                throw new LayerRefusedException(LayerRules.UtilityVmShape, $"'{entry.Path}' does not belong to the Utility VM")
                    .At(entry.TarName, entry.TarOffset);
            writer.Add(entry);
        }

        // What staging writes has an end: without one, some of it is missing.
        if (!reader.HasEnd)
            throw new LayerRefusedException(TarRules.Truncated, "the tar of the Utility VM's changes ends without a block of zeros")
                .At(tarOffset: reader.Position);
        writer.Complete();
    }

    private static StagedLayer Write(Stream tar, StagingWork work, IReadOnlyList<ILayerTree> parents, LayerLimits? limits)
    {
        using var volume = new TransportVolume(work.TemporaryFolder);
        using var utilityVm = new UtilityVmTar(work.TemporaryUtilityVmFile);
        var writer = new DiffLayerWriter(volume, volume, parents, utilityVm, limits);
        List<LayerFinding> warnings = [];
        using (var reader = new LayerTarReader(tar, limits))
        {
            while (reader.Read() is { } entry)
                writer.Add(entry);
            if (!reader.HasEnd)
                warnings.Add(
                    new LayerFinding(TarRules.NoEnd, TarRules.NoEnd.Severity, EntryName: null, reader.Position,
                    "the tar ends without a block of zeros", TarRules.NoEnd.Remedy));
        }

        writer.Complete();
        utilityVm.Complete();
        LayerPlan plan = volume.Plan with { ChangesUtilityVm = utilityVm.Exists };
        using (var planFile = new FileStream(work.TemporaryPlanFile, FileMode.CreateNew, FileAccess.Write))
            plan.Write(planFile);
        return new StagedLayer
        {
            Folder = work.Folder,
            PlanFile = work.PlanFile,
            UtilityVmFile = utilityVm.Exists ? work.UtilityVmFile : null,
            Plan = plan,
            Warnings = warnings,
            EntryCount = writer.EntryCount,
            FileCount = writer.FileCount,
            DataBytes = writer.DataBytes,
        };
    }
}
