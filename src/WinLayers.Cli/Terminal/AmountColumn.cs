using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace WinLayers.Cli.Terminal;

/// <summary>How many bytes of how many: <c>12.3 / 552 MB</c>.</summary>
internal sealed class AmountColumn : ProgressColumn
{
    private const int Width = 18;

    public override int? GetColumnWidth(RenderOptions options) => Width;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        string done = Quantity.Bytes((long)task.Value);
        string text = task.IsIndeterminate ? done : $"{done} / {Quantity.Bytes((long)task.MaxValue)}";
        return new Text(text.PadLeft(Width));
    }
}

/// <summary>
/// Bytes a second; nothing for a row that is done, or that stands still: an average that dwindles would say that it is slow.
/// </summary>
internal sealed class RateColumn : ProgressColumn
{
    private const int Width = 11;
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, (double Value, long Since)> _last = [];

    public override int? GetColumnWidth(RenderOptions options) => Width;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        if (!_last.TryGetValue(task.Id, out (double Value, long Since) last) || last.Value != task.Value)
            _last[task.Id] = last = (task.Value, Stopwatch.GetTimestamp());
        bool stands = Stopwatch.GetElapsedTime(last.Since) > Still;
        string text = task.IsFinished || stands || task.Speed is not { } speed ? "" : Quantity.Bytes((long)speed) + "/s";
        return new Text(text.PadLeft(Width));
    }
}
