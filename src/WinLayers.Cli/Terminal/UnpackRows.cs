using WinLayers.Unpacking;

namespace WinLayers.Cli.Terminal;

/// <summary>Shows the layers of an image that is being unpacked on a board, a row for each.</summary>
internal sealed class UnpackRows(ProgressBoard board) : IProgress<UnpackProgress>
{
    private readonly Dictionary<int, ProgressRow> _rows = [];

    public void Report(UnpackProgress value)
    {
        // All rows at once and base first, so that their order on the screen is the layers'.
        lock (_rows)
        {
            foreach (LayerProgress layer in value.Layers)
            {
                if (!_rows.TryGetValue(layer.Layer.Position, out ProgressRow? row))
                {
                    _rows.Add(layer.Layer.Position, row = board.Add(LayerLabel.Of(layer.Layer), layer.Layer.Descriptor.Size));
                }

                Show(row, layer);
            }
        }
    }

    private static void Show(ProgressRow row, LayerProgress layer)
    {
        switch (layer.State)
        {
            case LayerState.Done:
                row.Finish($"{Quantity.Bytes(layer.Layer.Descriptor.Size)}, {Quantity.Count(layer.Entries, "entry", "entries")} unpacked");
                break;
            case LayerState.Present:
                row.Finish("");
                break;
            default:
                // Fetched and decompressed count half each: the bar moves while either does.
                row.Report((layer.FetchedBytes + layer.ReadBytes) / 2);
                break;
        }
    }
}
