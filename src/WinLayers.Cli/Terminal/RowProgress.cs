namespace WinLayers.Cli.Terminal;

/// <summary>Moves a row; reports come in order and at once.</summary>
internal sealed class RowProgress(ProgressRow row) : IProgress<long>
{
    public void Report(long value) => row.Report(value);
}
