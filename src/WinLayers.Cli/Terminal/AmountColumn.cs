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

/// <summary>Bytes a second, and nothing once the row is done.</summary>
internal sealed class RateColumn : ProgressColumn
{
    private const int Width = 11;

    public override int? GetColumnWidth(RenderOptions options) => Width;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        string text = task.IsFinished || task.Speed is not { } speed ? "" : Quantity.Bytes((long)speed) + "/s";
        return new Text(text.PadLeft(Width));
    }
}
