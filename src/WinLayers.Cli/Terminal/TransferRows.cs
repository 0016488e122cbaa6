using System.Collections.Concurrent;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Terminal;

/// <summary>Shows the blobs of a transfer on a board, a row for each.</summary>
internal sealed class TransferRows(ProgressBoard board) : IProgress<TransferProgress>
{
    private readonly ConcurrentDictionary<Digest, Lazy<ProgressRow>> _rows = new();

    public void Report(TransferProgress value)
    {
        ProgressRow row =
            _rows.GetOrAdd(value.Blob.Digest, _ => new Lazy<ProgressRow>(() => board.Add(LabelOf(value.Blob), value.Blob.Size))).Value;
        switch (value.State)
        {
            case TransferState.Done:
                row.Finish($"{Quantity.Bytes(value.Blob.Size)} copied");
                break;
            case TransferState.Present:
                row.Finish("there already");
                break;
            case TransferState.LeftOut:
                row.Finish("foreign, left where its urls say");
                break;
            default:
                row.Report(value.Bytes);
                break;
        }
    }

    private static string LabelOf(Descriptor blob) =>
        $"{(MediaTypes.IsLayer(blob.MediaType) ? "layer" : "config")} {ShortDigest.Of(blob.Digest)}";
}
