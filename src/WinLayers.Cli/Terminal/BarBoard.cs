using Spectre.Console;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>A board of bars on stderr: bytes, rate, and a row for all together as soon as there are several.</summary>
internal sealed class BarBoard : ProgressBoard
{
    private const int MinBar = 8;
    private const int LabelLength = 22;

    // What the columns take with the shortest bar and a space between them.
    private const int Narrow = LabelLength + 1 + MinBar + 1 + 4 + 1 + 18;
    private const int Roomy = Narrow + 1 + 11 + 1;

    private readonly ProgressContext _context;
    private readonly int _width;
    private readonly List<Row> _rows = [];
    private readonly Lock _gate = new();
    private ProgressTask? _all;

    private BarBoard(ProgressContext context, int width)
    {
        _context = context;
        _width = width;
    }

    public static async Task<T> RunBarsAsync<T>(Output output, Func<ProgressBoard, Task<T>> work)
    {
        IAnsiConsole console = TerminalConsole.Create(Console.Error);
        int width = console.Profile.Width;
        List<ProgressColumn> columns =
        [
            new TaskDescriptionColumn { Alignment = Justify.Left },
            new ProgressBarColumn { Width = Math.Clamp(width - Roomy + MinBar, MinBar, 40) },
            new PercentageColumn(),
        ];
        // A line that wraps could not be taken back: what tells least goes where there is no room.
        if (width >= Narrow)
            columns.Add(new AmountColumn());
        if (width >= Roomy)
            columns.Add(new RateColumn());
        Progress progress = console.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns([.. columns]);
        output.Live = console;
        try
        {
            return await progress.StartAsync(context => work(new BarBoard(context, width))).ConfigureAwait(false);
        }
        finally
        {
            output.Live = null;
        }
    }

    public override ProgressRow Add(string label, long? total)
    {
        lock (_gate)
        {
            string title = Markup.Escape(Shorten(SafeText.OneLine(label)));
            double most = Math.Max(total ?? 1, 1);
            ProgressTask task = _all is null ? _context.AddTask(title, autoStart: true, most)
                : _context.AddTaskBefore(title, _all, autoStart: true, most);
            task.IsIndeterminate = total is null;
            var row = new Row(this, task);
            _rows.Add(row);
            if (_rows.Count == 2)
                _all = _context.AddTask("all", autoStart: true);
            ShowAll();
            return row;
        }
    }

    private string Shorten(string label)
    {
        int length = _width >= Roomy + 20 ? LabelLength + 20 : LabelLength;
        return label.Length <= length ? label : $"{label[..(length - 1)]}…";
    }

    private void ShowAll()
    {
        if (_all is null)
            return;
        lock (_gate)
        {
            _all.MaxValue = _rows.Sum(r => r.Task.MaxValue);
            _all.Value = _rows.Sum(r => r.Task.Value);
        }
    }

    private sealed class Row(BarBoard board, ProgressTask task) : ProgressRow
    {
        public ProgressTask Task => task;

        public override void Report(long done)
        {
            if (task.IsIndeterminate)
                task.MaxValue = Math.Max(task.MaxValue, done + 1);
            task.Value = done;
            board.ShowAll();
        }

        public override void Finish(string text)
        {
            task.IsIndeterminate = false;
            task.Value = task.MaxValue;
            task.StopTask();
            board.ShowAll();
        }
    }
}
