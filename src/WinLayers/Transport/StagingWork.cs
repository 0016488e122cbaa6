using WinLayers.Oci.Disk;

namespace WinLayers.Transport;

/// <summary>
/// The temporary folder and files of a layer being staged, siblings of the final ones; gone when disposed, unless published.
/// </summary>
internal sealed class StagingWork : IDisposable
{
    internal const string PlanSuffix = ".plan.json";
    internal const string UtilityVmSuffix = ".uvm.tar";

    private readonly WorkBeside _work;

    /// <summary>Starts staging under a name that is free.</summary>
    /// <exception cref="StagingException">One of the final names is taken.</exception>
    /// <exception cref="DiskException">The folder around cannot be written.</exception>
    internal StagingWork(string folder)
    {
        Folder = folder;
        RefuseWhatIsThere();
        _work = WorkBeside.Start(folder);
    }

    internal string Folder { get; }

    internal string PlanFile => Folder + PlanSuffix;

    internal string UtilityVmFile => Folder + UtilityVmSuffix;

    internal string TemporaryFolder => _work.Stem;

    internal string TemporaryPlanFile => _work.Stem + PlanSuffix;

    internal string TemporaryUtilityVmFile => _work.Stem + UtilityVmSuffix;

    // Over nothing, of this layer or of nobody knows whom.
    private void RefuseWhatIsThere()
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

    public void Dispose() => _work.Dispose();
}
