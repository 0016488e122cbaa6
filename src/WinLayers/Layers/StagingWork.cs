namespace WinLayers.Layers;

/// <summary>The temporary folder and files of a layer being staged, siblings of the final ones; gone when disposed, unless published.</summary>
internal sealed class StagingWork(string folder) : IDisposable
{
    private const string PlanSuffix = ".plan.json";
    private const string UtilityVmSuffix = ".uvm.tar";

    private readonly string _temporary = $"{folder}.tmp-{Guid.NewGuid():N}";

    internal string Folder => folder;

    internal string PlanFile => folder + PlanSuffix;

    internal string UtilityVmFile => folder + UtilityVmSuffix;

    internal string TemporaryFolder => _temporary;

    internal string TemporaryPlanFile => _temporary + PlanSuffix;

    internal string TemporaryUtilityVmFile => _temporary + UtilityVmSuffix;

    /// <summary>Gives everything its final name, the folder last: where it stands, all that belongs to it does.</summary>
    internal void Publish(bool hasUtilityVm)
    {
        if (hasUtilityVm)
            File.Move(TemporaryUtilityVmFile, UtilityVmFile, overwrite: true);
        else
            File.Delete(UtilityVmFile);
        try
        {
            File.Move(TemporaryPlanFile, PlanFile, overwrite: true);
            Directory.Move(TemporaryFolder, Folder);
        }
        catch
        {
            // Beside no folder a plan is worth nothing, an older one neither.
            File.Delete(PlanFile);
            File.Delete(UtilityVmFile);
            throw;
        }
    }

    public void Dispose()
    {
        File.Delete(TemporaryPlanFile);
        File.Delete(TemporaryUtilityVmFile);
        if (Directory.Exists(TemporaryFolder))
            Directory.Delete(TemporaryFolder, recursive: true);
    }
}
