using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Terminal;

/// <summary>Shows a check on a board: of a store a row for its layers and one for its blobs, of an image a row for each layer.</summary>
internal sealed class VerifyRows(ProgressBoard board, ResolvedImage? image = null) : IProgress<StoreCheckProgress>,
    IProgress<TransferProgress>
{
    private readonly Dictionary<StoreCheckStage, ProgressRow> _stages = [];
    private ProgressRow? _row;
    private int _next;

    public void Report(StoreCheckProgress value)
    {
        if (!_stages.TryGetValue(value.Stage, out ProgressRow? row))
            _stages.Add(value.Stage, row = board.Add(LabelOf(value), value.TotalBytes));
        if (!value.IsDone)
            row.Report(value.Bytes);
        else if (value.Stage == StoreCheckStage.Layers)
            row.Finish($"{Quantity.Count(value.Count, "file")}, {Quantity.Bytes(value.Bytes)} read");
        else
            row.Finish($"{Quantity.Bytes(value.Bytes)} read");
    }

    public void Report(TransferProgress value)
    {
        // One layer after the other; the same blob may stand in several places.
        _row ??= AddNext(value.Blob);
        if (value.State is not (TransferState.Done or TransferState.Refused))
        {
            _row.Report(value.Bytes);
            return;
        }

        _row.Finish(value.State is TransferState.Done ? "digest and DiffID checked" : "not as it should be");
        _row = null;
    }

    private static string LabelOf(StoreCheckProgress value) =>
        value.Stage == StoreCheckStage.Layers ? "unpacked layers" : Quantity.Count(value.Count, "blob");

    private ProgressRow AddNext(Descriptor blob)
    {
        ResolvedLayer layer = image!.Layers.Skip(_next).First(one => one.Descriptor.Digest == blob.Digest);
        _next = layer.Position + 1;
        return board.Add(LayerLabel.Of(layer), blob.Size);
    }
}
