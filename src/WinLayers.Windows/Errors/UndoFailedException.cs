using WinLayers.Formats;

namespace WinLayers.Windows.Errors;

/// <summary>
/// Work on the host failed, which is the <see cref="Exception.InnerException"/>, and what it had done could not all be taken back.
/// </summary>
/// <remarks>Where a call of the system failed, its <see cref="HostCallException"/> carries this itself.</remarks>
public sealed class UndoFailedException : WinLayersException
{
    internal UndoFailedException(Exception failure, IReadOnlyList<Exception> undoFailures)
        : base("WCL6012", Describe(failure) + Tell(undoFailures), failure)
    {
        UndoFailures = undoFailures;
        Remedy = (failure as WinLayersException)?.Remedy;
    }

    /// <summary>What failed while the work so far was undone; the undoing went on.</summary>
    public IReadOnlyList<Exception> UndoFailures { get; }

    /// <summary>The failures as the end of a message about what came before them; empty for none.</summary>
    internal static string Tell(IReadOnlyList<Exception> undoFailures) => undoFailures switch
    {
        [] => "",
        [var only] => $"; undoing it failed too: {only.Message}",
        [var first, ..] => $"; undoing it failed too, {undoFailures.Count} times: {first.Message}",
    };

    private static string Describe(Exception failure) =>
        failure is WinLayersException known ? $"{known.Message} [{known.Code}]" : failure.Message;
}
