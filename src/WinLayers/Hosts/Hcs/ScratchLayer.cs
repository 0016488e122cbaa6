using WinLayers.Layers;

namespace WinLayers.Hosts.Hcs;

/// <summary>
/// A writable layer over a chain: its folder with <c>sandbox.vhdx</c>, and when it is mounted its volume. Not safe for several threads.
/// </summary>
/// <remarks>
/// Disposing one that <see cref="CreateAsync"/> made unmounts it and removes it, unless <see cref="Keep"/> was called; disposing one that
/// <see cref="Open"/> gave does nothing. The calls block while Windows works; only the waits between attempts are asynchronous.
/// </remarks>
public sealed class ScratchLayer : IAsyncDisposable
{
    private readonly IScratchEngine _engine;
    private readonly HostRetry _retry;
    private bool _removeOnDispose;

    private ScratchLayer(IScratchEngine engine, string folder, IReadOnlyList<string> parents, TimeProvider time)
    {
        _engine = engine;
        _retry = new HostRetry(time);
        Folder = folder;
        Parents = parents;
    }

    /// <summary>The layer's folder.</summary>
    public string Folder { get; }

    /// <summary>The folders of the layers below, nearest first.</summary>
    public IReadOnlyList<string> Parents { get; }

    /// <summary>The path of the mounted volume, <c>\\?\Volume{…}\</c> with the backslash at its end; null where this object did not mount it.</summary>
    public string? MountPath { get; private set; }

    /// <summary>Makes a scratch layer in a folder that is not there yet, and for process isolation mounts it. After a failure nothing is left of it.</summary>
    internal static async Task<ScratchLayer> CreateAsync(
        IScratchEngine engine, string folder, IReadOnlyList<string> parents, ScratchOptions options, CancellationToken cancellationToken)
    {
        if (parents.Count == 0)
            throw new ArgumentException("A scratch layer stands on at least one layer.", nameof(parents));
        if (options.SizeBytes is <= 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.SizeBytes, "A disk has a size.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new HostCallException("CreateSandboxLayer", unchecked((int)0x80070050), folder, parents);

        ScratchLayer scratch = new(engine, folder, parents, options.TimeProvider) { _removeOnDispose = true };
        UndoList undo = new();
        try
        {
            Directory.CreateDirectory(folder);
            undo.Add(scratch.RemoveFolder);
            undo.Add(() => engine.Destroy(folder));
            engine.Create(folder, parents, options.SizeBytes);
            LayerChain.WriteFile(folder, parents);
            if (options.Isolation is ScratchIsolation.Process)
                await scratch.MountAsync(cancellationToken).ConfigureAwait(false);
            return scratch;
        }
        catch (Exception e)
        {
            // A folder in which the first call made nothing is no layer, and destroying it may fail; the folder goes all the same.
            IReadOnlyList<Exception> failures = await undo.RunAsync(scratch._retry).ConfigureAwait(false);
            if (e is HostCallException { UndoFailures.Count: 0 } call && failures.Count > 0 && Directory.Exists(folder))
                throw call.WithUndoFailures(failures);
            throw;
        }
    }

    /// <summary>A scratch layer that stands already.</summary>
    internal static ScratchLayer Open(IScratchEngine engine, string folder, IReadOnlyList<string>? parents, TimeProvider time) =>
        new(engine, folder, parents ?? LayerChain.ReadFile(folder) ?? [], time);

    /// <summary>Leaves the layer as it is when this object is disposed.</summary>
    public void Keep() => _removeOnDispose = false;

    /// <summary>Mounts the layer. After a failure it is not mounted.</summary>
    /// <returns>The path of its volume.</returns>
    /// <exception cref="HostCallException">A call failed; codes that pass under load were tried several times.</exception>
    public async Task<string> MountAsync(CancellationToken cancellationToken)
    {
        UndoList undo = new();
        try
        {
            foreach (ScratchStep step in _engine.MountSteps(Folder, Parents))
            {
                await _retry.RunAsync(step.Do, cancellationToken).ConfigureAwait(false);
                undo.Add(step.Undo);
            }

            if (_engine.GetMountPath(Folder) is not { Length: > 0 } path)
                throw HostStateException.NoMountPath(Folder);

            // One way of mounting gives it with a backslash at its end, the other without.
            return MountPath = path.EndsWith('\\') ? path : path + '\\';
        }
        catch (HostCallException e)
        {
            throw e.WithUndoFailures(await undo.RunAsync(_retry).ConfigureAwait(false));
        }
        catch
        {
            await undo.RunAsync(_retry).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Unmounts the layer: every step is tried, the first failure is thrown and carries the others.</summary>
    public async Task UnmountAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        UndoList undo = new();
        foreach (ScratchStep step in _engine.MountSteps(Folder, Parents))
            undo.Add(step.Undo);
        MountPath = null;
        await undo.RunAndThrowAsync(_retry).ConfigureAwait(false);
    }

    /// <summary>Makes the layer's disk larger; it must not be mounted.</summary>
    public void Expand(long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeBytes);
        _engine.Expand(Folder, sizeBytes);
    }

    /// <summary>Unmounts the layer, if it is mounted, and removes it with its folder: every step is tried, the first failure is thrown and carries the others.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _removeOnDispose = false;
        UndoList undo = new();
        undo.Add(RemoveFolder);
        undo.Add(() => _engine.Destroy(Folder));
        if (IsMounted())
        {
            foreach (ScratchStep step in _engine.MountSteps(Folder, Parents))
                undo.Add(step.Undo);
        }

        MountPath = null;
        await undo.RunAndThrowAsync(_retry).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_removeOnDispose)
            await RemoveAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // Another process may have mounted it: Windows knows. A layer that it cannot tell about is not mounted.
    private bool IsMounted()
    {
        if (MountPath is not null)
            return true;
        try
        {
            return _engine.GetMountPath(Folder) is not null;
        }
        catch (HostCallException)
        {
            return false;
        }
    }

    private void RemoveFolder()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
