using System.Runtime.ExceptionServices;

namespace WinLayers.Hosts.Hcs;

/// <summary>Steps that take back what was done, last one first; each is tried, whatever happens to the others.</summary>
internal sealed class UndoList
{
    private readonly Stack<Action> _steps = new();

    internal void Add(Action step) => _steps.Push(step);

    /// <summary>Runs all steps and returns what failed, in order. Not cancelled: half an undoing helps nobody.</summary>
    internal async Task<IReadOnlyList<Exception>> RunAsync(HostRetry retry)
    {
        List<Exception> failures = [];
        while (_steps.TryPop(out Action? step))
        {
            try
            {
                await retry.RunAsync(step, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(e);
            }
        }

        return failures;
    }

    /// <summary>Runs all steps, each once, and returns what failed, in order.</summary>
    internal IReadOnlyList<Exception> Run()
    {
        List<Exception> failures = [];
        while (_steps.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(e);
            }
        }

        return failures;
    }

    /// <summary>Runs all steps and throws the first failure, which carries the others.</summary>
    internal async Task RunAndThrowAsync(HostRetry retry)
    {
        IReadOnlyList<Exception> failures = await RunAsync(retry).ConfigureAwait(false);
        if (failures is [HostCallException first, _, ..])
            throw first.WithUndoFailures([.. failures.Skip(1)]);
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[0]);
    }
}
