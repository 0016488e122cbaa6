using System.Runtime.ExceptionServices;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

/// <summary>
/// A writable layer over a chain: its folder with <c>sandbox.vhdx</c>, and when it is mounted its volume. Not safe for several threads.
/// </summary>
/// <remarks>
/// Disposing one that <see cref="CreateAsync"/> made unmounts it and removes it, unless <see cref="Keep"/> was called; disposing one that
/// <see cref="Open"/> gave does nothing. The calls block while Windows works; only the waits between attempts are asynchronous.
/// </remarks>
public sealed class ScratchLayer : IScratchLayer
{
    /// <summary>The name of a scratch layer's disk, however it was made.</summary>
    internal const string DiskName = LayerFolderNames.ScratchDisk;

    private readonly IScratchEngine _engine;
    private readonly HostRetry _retry;
    private LayerChainException? _damagedChain;
    private HostCallException? _unknownMount;
    private bool _removeOnDispose;

    private ScratchLayer(IScratchEngine engine, string folder, LayerChain parents, TimeProvider time)
    {
        _engine = engine;
        _retry = new HostRetry(time);
        Folder = folder;
        Parents = parents;
    }

    private string DiskFile => Path.Join(Folder, DiskName);

    /// <summary>The layer's folder.</summary>
    public string Folder { get; }

    /// <summary>The layers below.</summary>
    public LayerChain Parents { get; }

    /// <summary>
    /// The path of the mounted volume, <c>\\?\Volume{…}\</c> with the backslash at its end; null where the layer was not mounted when
    /// this object was made and was not mounted by it.
    /// </summary>
    public string? MountPath { get; private set; }

    /// <summary>
    /// Makes a scratch layer in a folder that is not there yet, and for process isolation mounts it. After a failure nothing is left of
    /// it.
    /// </summary>
    internal static async Task<ScratchLayer> CreateAsync(
        IScratchEngine engine, string folder, LayerChain parents, ScratchOptions options, CancellationToken cancellationToken)
    {
        if (parents.Count == 0)
            throw new ArgumentException("A scratch layer stands on at least one layer.", nameof(parents));
        if (options.SizeBytes is <= 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.SizeBytes, "A disk has a size.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw HostStateException.FolderHasContents(folder);

        ScratchLayer scratch = new(engine, folder, parents, options.TimeProvider) { _removeOnDispose = true };
        UndoList undo = new();
        try
        {
            Directory.CreateDirectory(folder);
            undo.Add(scratch.RemoveFolder);
            undo.Add(() => engine.Destroy(folder));
            engine.Create(folder, parents, options.SizeBytes);
            parents.WriteFile(folder);
            if (options.Isolation is ScratchIsolation.Process)
                await scratch.MountAsync(cancellationToken).ConfigureAwait(false);
            return scratch;
        }
        catch (Exception e)
        {
            // A folder in which the first call made nothing is no layer, and destroying it may fail; the folder goes all the same.
            IReadOnlyList<Exception> failures = await undo.RunAsync(scratch._retry).ConfigureAwait(false);
            UndoList.Throw(e, Directory.Exists(folder) ? failures : []);
            throw;
        }
    }

    /// <summary>A scratch layer that stands already, and may be mounted, by this process or another.</summary>
    internal static ScratchLayer Open(IScratchEngine engine, string folder, LayerChain? parents, TimeProvider time)
    {
        ScratchLayer scratch;
        try
        {
            scratch = new ScratchLayer(engine, folder, parents ?? LayerChain.ReadFile(folder) ?? [], time);
        }
        catch (LayerChainException damaged)
        {
            // Only mounting needs to know the parents: whoever unmounts or removes the layer is not held up.
            scratch = new ScratchLayer(engine, folder, [], time) { _damagedChain = damaged };
        }

        scratch.LookWhetherItIsMounted();
        return scratch;
    }

    /// <summary>Leaves the layer as it is when this object is disposed.</summary>
    public void Keep() => _removeOnDispose = false;

    /// <summary>
    /// Mounts the layer; one that is mounted already stays as it is. After a failure it is not mounted, unless somebody else mounted it.
    /// </summary>
    /// <remarks>
    /// A layer counts as mounted where Windows tells its volume. One that a killed process left half mounted has a volume too: after such
    /// an end unmount it first.
    /// </remarks>
    /// <returns>The path of its volume.</returns>
    /// <exception cref="HostCallException">A call failed; codes that pass under load were tried several times.</exception>
    /// <exception cref="HostStateException">
    /// The folder is no scratch layer, does not know its parents, or its volume has no path.
    /// </exception>
    public async Task<string> MountAsync(CancellationToken cancellationToken = default)
    {
        RequireDisk();
        RequireParents();
        if (_unknownMount is not null)
            ExceptionDispatchInfo.Throw(_unknownMount);
        if (MountPath is { } there)
            return there;
        await BringUpAsync(
            () => MountPath = WithBackslash(_engine.GetMountPath(Folder)) ?? throw HostStateException.NoMountPath(Folder),
            cancellationToken).ConfigureAwait(false);
        return MountPath!;
    }

    /// <summary>
    /// Writes what the layer holds over its parents as a transport folder. It must not be mounted: it is mounted once, which readies a
    /// layer that no container has used, and its filter is taken off, since Windows exports the disk itself.
    /// </summary>
    internal async Task ExportAsync(string transportFolder, CancellationToken cancellationToken)
    {
        RequireDisk();
        RequireParents();
        if (_unknownMount is not null)
            ExceptionDispatchInfo.Throw(_unknownMount);
        if (MountPath is not null)
            throw HostStateException.Mounted(Folder);
        UndoList up = await BringUpAsync(() => { }, cancellationToken).ConfigureAwait(false);
        try
        {
            await up.RunLastAsync(_retry).ConfigureAwait(false);
            _engine.Export(Folder, transportFolder, Parents);
        }
        catch (Exception e)
        {
            UndoList.Throw(e, await up.RunAsync(_retry).ConfigureAwait(false));
            throw;
        }

        UndoList.ThrowFirst(await up.RunAsync(_retry).ConfigureAwait(false));
    }

    /// <summary>
    /// Unmounts the layer: every step is tried, the first failure is thrown and carries the others. A step that finds nothing to take
    /// back is no failure: a process that was killed may have left the layer half mounted.
    /// </summary>
    public async Task UnmountAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequireDisk();
        UndoList.ThrowFirst(await TakeDownAsync().ConfigureAwait(false));
    }

    /// <summary>Makes the layer's disk larger; it must not be mounted.</summary>
    public void Expand(long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeBytes);
        RequireDisk();
        _engine.Expand(Folder, sizeBytes);
    }

    /// <summary>
    /// Unmounts the layer, if it is mounted, and removes it with its folder: every step is tried. Where the layer is gone in the end, what
    /// failed on the way does not matter any more; else the first failure is thrown and carries the others.
    /// </summary>
    /// <exception cref="HostStateException">The folder is no scratch layer.</exception>
    public async Task RemoveAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsScratch())
            throw HostStateException.NotAScratch(Folder);
        _removeOnDispose = false;
        bool mounted = MayBeMounted();
        IReadOnlyList<Exception> before = mounted ? await TakeDownAsync().ConfigureAwait(false) : [];
        IReadOnlyList<Exception> left = await DestroyAsync().ConfigureAwait(false);
        if (left.Count > 0 && !mounted)
        {
            // It has no mount path, and may be half mounted all the same: activated alone, by a process that was killed.
            before = await TakeDownAsync().ConfigureAwait(false);
            left = await DestroyAsync().ConfigureAwait(false);
        }

        if (left.Count > 0)
            UndoList.ThrowFirst([.. before, .. left]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_removeOnDispose && Directory.Exists(Folder))
            await RemoveAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private Task<IReadOnlyList<Exception>> DestroyAsync()
    {
        UndoList undo = new();
        undo.Add(RemoveFolder);
        undo.Add(() => _engine.Destroy(Folder));
        return undo.RunAsync(_retry);
    }

    private async Task<IReadOnlyList<Exception>> TakeDownAsync()
    {
        UndoList undo = new();
        foreach (ScratchStep step in _engine.MountSteps(Folder, Parents))
            undo.Add(() => TakeBack(step));
        MountPath = null;
        _unknownMount = null;
        return await undo.RunAsync(_retry).ConfigureAwait(false);
    }

    private static void TakeBack(ScratchStep step)
    {
        try
        {
            step.Undo();
        }
        catch (HostCallException e) when (HResult.MeansNotActive(e.ErrorCode))
        {
            // It was not done, or is undone already.
        }
    }

    /// <summary>
    /// Mounts as a whole: where the disk of a step is gone by the next, all is taken back and done again. Nothing is taken back that was
    /// not
    /// done here.
    /// </summary>
    private async Task<UndoList> BringUpAsync(Action last, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            UndoList undo = new();
            try
            {
                foreach (ScratchStep step in _engine.MountSteps(Folder, Parents))
                {
                    await _retry.RunAsync(step.Do, step.Passes, cancellationToken).ConfigureAwait(false);
                    undo.Add(step.Undo);
                }

                last();
                return undo;
            }
            catch (Exception e)
            {
                IReadOnlyList<Exception> failures = await undo.RunAsync(_retry).ConfigureAwait(false);
                if (failures.Count > 0 || attempt == HostRetry.Attempts || !HostRetry.IsDiskGone(e))
                    UndoList.Throw(e, failures);
            }

            await _retry.WaitAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    // Another process may have mounted it: Windows knows.
    private void LookWhetherItIsMounted()
    {
        if (!File.Exists(DiskFile))
            return;
        try
        {
            MountPath = WithBackslash(_engine.GetMountPath(Folder));
        }
        catch (HostCallException e) when (HResult.MeansNotActive(e.ErrorCode))
        {
            // That is an answer too.
        }
        catch (HostCallException e)
        {
            // Of use to whoever mounts it, and not in the way of whoever takes it down.
            _unknownMount = e;
        }
    }

    // Where Windows could not tell, for want of access or because somebody was at it, the layer is taken down: that does no harm to one
    // that is not mounted, while removing one that is would.
    private bool MayBeMounted() => MountPath is not null || _unknownMount is not null;

    // One way of mounting gives it with a backslash at its end, the other without.
    private static string? WithBackslash(string? path) => path is not { Length: > 0 } ? null : path.EndsWith('\\') ? path : path + '\\';

    private void RequireParents()
    {
        if (_damagedChain is not null)
            ExceptionDispatchInfo.Throw(_damagedChain);
        if (Parents.Count == 0)
            throw HostStateException.NoParents(Folder);
    }

    // Everything in the folder goes with the layer, so it has to be one: by its disk, by its record, or as a process leaves it that was
    // killed before it made either.
    private bool IsScratch() =>
        File.Exists(DiskFile) || File.Exists(Path.Join(Folder, ScratchRecord.FileName))
        || (Directory.Exists(Folder) && !Directory.EnumerateFileSystemEntries(Folder).Any());

    private void RequireDisk()
    {
        if (!File.Exists(DiskFile))
            throw HostStateException.NotAScratch(Folder);
    }

    // The disk first: while it is attached it cannot go, and what is recorded of the layer has to stay with it, for the next try.
    private void RemoveFolder()
    {
        if (!Directory.Exists(Folder))
            return;
        File.Delete(DiskFile);
        Directory.Delete(Folder, recursive: true);
    }
}
