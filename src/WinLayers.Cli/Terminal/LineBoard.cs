namespace WinLayers.Cli.Terminal;

/// <summary>A board for logs: one line per row, when it is done.</summary>
internal sealed class LineBoard(Output output) : ProgressBoard
{
    public override ProgressRow Add(string label, long? total) => new Row(output, label);

    private sealed class Row(Output output, string label) : ProgressRow
    {
        private bool _isFinished;

        public override void Report(long done)
        {
        }

        public override void Finish(string text)
        {
            if (!_isFinished && text.Length > 0)
                output.Message($"{label}: {text}");
            _isFinished = true;
        }
    }
}
