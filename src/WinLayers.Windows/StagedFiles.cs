using WinLayers.Formats.Names;
using WinLayers.Transport;
using WinLayers.Volumes;

namespace WinLayers.Windows;

/// <summary>All that belongs to a staged layer: the transport folder and the files beside it.</summary>
/// <param name="Folder">The transport folder, absolute.</param>
/// <param name="Plan">What follows its import.</param>
/// <param name="UtilityVmTar">The layer's changes of the Utility VM; null where it has none.</param>
internal sealed record StagedFiles(string Folder, LayerPlan Plan, string? UtilityVmTar)
{
    /// <summary>
    /// Gathers what belongs to the folder. What somebody forgot to bring along would be missing from the layer, and nobody would see it.
    /// </summary>
    /// <param name="stagedFolder">The transport folder.</param>
    /// <param name="plan">Its plan; null for the file beside it.</param>
    /// <param name="utilityVmTar">The tar of its Utility VM; null for the file beside it.</param>
    /// <exception cref="StagingException">Something is missing, or belongs to another layer.</exception>
    internal static StagedFiles Require(string stagedFolder, LayerPlan? plan, string? utilityVmTar)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(stagedFolder));
        plan ??= ReadPlan(folder + StagingWork.PlanSuffix);
        string besideIt = folder + StagingWork.UtilityVmSuffix;
        utilityVmTar ??= File.Exists(besideIt) ? besideIt : null;
        if (plan.ChangesUtilityVm && utilityVmTar is null)
            throw new StagingException(StagingFailure.UtilityVm, $"the layer changes the Utility VM, and '{besideIt}' is not there");
        if (!plan.ChangesUtilityVm && utilityVmTar is not null)
            throw new StagingException(StagingFailure.UtilityVm,
                $"'{utilityVmTar}' is there, and by its plan the layer does not change the Utility VM");
        RequireDirectories(folder, plan);
        return new StagedFiles(folder, plan, utilityVmTar);
    }

    private static LayerPlan ReadPlan(string planFile)
    {
        if (!File.Exists(planFile))
            throw new StagingException(StagingFailure.Incomplete, $"its plan '{planFile}' is not there");
        using FileStream file = File.OpenRead(planFile);
        return LayerPlan.Read(file);
    }

    // A plan names nearly every directory that was staged: one whose marker is missing shows a plan of another layer, or half a folder.
    private static void RequireDirectories(string folder, LayerPlan plan)
    {
        string root = ExactPath.Of(folder);
        foreach (PlannedTimes times in plan.DirectoryTimes.Where(times => times.Path.Area is not LayerArea.UtilityVm))
        {
            string place = Path.Join(root, times.Path.Value.Replace('\\', Path.DirectorySeparatorChar));
            if (!File.Exists(place + LayerFolderNames.DirectoryMarker))
                throw new StagingException(StagingFailure.Incomplete, $"'{folder}' does not hold '{times.Path}', which its plan names");
        }
    }
}
