using System.Runtime.ExceptionServices;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Scratch;

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
                await retry.RunAsync(step, HostRetry.IsPassing, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        return failures;
    }

    /// <summary>Runs the last step alone; where it fails it is done with all the same.</summary>
    internal Task RunLastAsync(HostRetry retry) => retry.RunAsync(_steps.Pop(), HostRetry.IsPassing, CancellationToken.None);

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
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        return failures;
    }

    /// <summary>Throws a failure with what failed after it; without anything it is thrown as it was.</summary>
    internal static void Throw(Exception failure, IReadOnlyList<Exception> undoFailures)
    {
        if (undoFailures.Count == 0)
            ExceptionDispatchInfo.Throw(failure);
        throw failure is HostCallException call ? call.WithUndoFailures(undoFailures) : new UndoFailedException(failure, undoFailures);
    }

    /// <summary>Throws the first failure, which carries the others; nothing where there is none.</summary>
    internal static void ThrowFirst(IReadOnlyList<Exception> failures)
    {
        if (failures.Count > 0)
            Throw(failures[0], [.. failures.Skip(1)]);
    }
}
