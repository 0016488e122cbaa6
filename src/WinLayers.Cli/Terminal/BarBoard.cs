using Spectre.Console;
using WinLayers.Formats.Text;

namespace WinLayers.Cli.Terminal;

/// <summary>A board of bars on stderr: bytes, rate, and a row for all together as soon as there are several.</summary>
internal sealed class BarBoard : ProgressBoard
{
    private readonly ProgressContext _context;
    private readonly List<Row> _rows = [];
    private readonly Lock _gate = new();
    private ProgressTask? _all;

    private BarBoard(ProgressContext context) => _context = context;

    public static async Task<T> RunBarsAsync<T>(Func<ProgressBoard, Task<T>> work)
    {
        IAnsiConsole console = TerminalConsole.Create(Console.Error);
        Progress progress = console.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - 58, 8, 40) },
                new PercentageColumn(),
                new AmountColumn(),
                new RateColumn());
        return await progress.StartAsync(context => work(new BarBoard(context))).ConfigureAwait(false);
    }

    public override ProgressRow Add(string label, long? total)
    {
        lock (_gate)
        {
            string title = Markup.Escape(SafeText.OneLine(label));
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
