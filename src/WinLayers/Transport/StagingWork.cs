namespace WinLayers.Transport;

/// <summary>
/// The temporary folder and files of a layer being staged, siblings of the final ones; gone when disposed, unless published.
/// </summary>
internal sealed class StagingWork(string folder) : IDisposable
{
    internal const string PlanSuffix = ".plan.json";
    internal const string UtilityVmSuffix = ".uvm.tar";

    private readonly string _temporary = $"{folder}.tmp-{Guid.NewGuid():N}";

    internal string Folder => folder;

    internal string PlanFile => folder + PlanSuffix;

    internal string UtilityVmFile => folder + UtilityVmSuffix;

    internal string TemporaryFolder => _temporary;

    internal string TemporaryPlanFile => _temporary + PlanSuffix;

    internal string TemporaryUtilityVmFile => _temporary + UtilityVmSuffix;

    /// <summary>Refuses to stage over anything, of this layer or of nobody knows whom.</summary>
    /// <exception cref="StagingException">One of the final names is taken.</exception>
    internal void RefuseWhatIsThere()
    {
        foreach (string name in (ReadOnlySpan<string>)[Folder, PlanFile, UtilityVmFile])
        {
            if (Path.Exists(name))
                throw new StagingException(StagingFailure.Taken, $"'{name}' exists already; a layer is staged under new names.");
        }
    }

    /// <summary>Gives everything its final name, the folder last: where it stands, all that belongs to it does.</summary>
    internal void Publish(bool hasUtilityVm)
    {
        var published = new Stack<string>();
        try
        {
            if (hasUtilityVm)
                Publish(TemporaryUtilityVmFile, UtilityVmFile);
            Publish(TemporaryPlanFile, PlanFile);
            Directory.Move(TemporaryFolder, Folder);
        }
        catch
        {
            // Beside no folder a plan is worth nothing. What somebody else put there meanwhile is not ours to remove.
            while (published.TryPop(out string? file))
                File.Delete(file);
            throw;
        }

        void Publish(string temporary, string final)
        {
            File.Move(temporary, final, overwrite: false);
            published.Push(final);
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
