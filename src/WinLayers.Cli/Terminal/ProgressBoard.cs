namespace WinLayers.Cli.Terminal;

/// <summary>Shows work on several layers at once: bars on a terminal, else a line when a layer is done.</summary>
internal abstract class ProgressBoard
{
    /// <summary>Adds a row. Rows may be added and moved from any thread.</summary>
    /// <param name="label">What it is, short: <c>layer 0 4f2a91b0c3d4</c>.</param>
    /// <param name="total">How much there is to do; null where that is not known.</param>
    public abstract ProgressRow Add(string label, long? total);

    /// <summary>Runs work that reports to the board; the board is gone when it ends.</summary>
    public static async Task<T> RunAsync<T>(Output output, Func<ProgressBoard, Task<T>> work)
    {
        if (output.ShowsBars)
            return await BarBoard.RunBarsAsync(output, work).ConfigureAwait(false);
        return await work(new LineBoard(output)).ConfigureAwait(false);
    }

    /// <summary>The same for work that blocks.</summary>
    public static Task<T> RunAsync<T>(Output output, Func<ProgressBoard, T> work) =>
        RunAsync(output, board => Task.Run(() => work(board)));
}

/// <summary>One row of a board.</summary>
internal abstract class ProgressRow
{
    /// <summary>How much is done by now, in all.</summary>
    public abstract void Report(long done);

    /// <summary>
    /// The row is done; <paramref name="text"/> says what came of it, for the line that stays; empty where none is worth it.
    /// </summary>
    public abstract void Finish(string text);
}
