using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Collects what nobody needs.</summary>
internal sealed class GcVerb : Verb
{
    private readonly Option<bool> _dryRun;
    private readonly Option<bool> _now;
    private readonly HostOption _host;
    private readonly StoreOption _store;

    public GcVerb()
        : base("gc", "Collect leftovers, and layers and blobs that no image needs", "winlayers gc --dry-run", "winlayers gc --now")
    {
        _dryRun = AddFlag("--dry-run", "Only tell");
        _now = AddFlag("--now", "Without the day that blobs are kept; refused while another process writes");
        _host = new HostOption(this);
        _store = new StoreOption(this);
        AddJson();
        Remarks = "Goes on after a failure; exit code 1 where something could not be removed. Blobs and downloads that broke off are " +
            "kept for a day.\n'winlayers destroy REF' makes an image's layers collectable.";
    }

    private static string Explain(Exception failure) =>
        failure is WinLayersException known
            && Remedies.Of(known) is { } remedy ? $"{failure.Message.TrimEnd('.')}. {remedy}" : failure.Message;

    public override async Task<int> RunAsync(Invocation call)
    {
        bool dryRun = call.Get(_dryRun);
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        StoreCollection found = store is null
            ? new StoreCollection([], IsBusy: false)
            : await Task.Run(
                () => store.Collect(_host.Open(call), new CollectOptions { DryRun = dryRun, Now = call.Get(_now) }, call.CancellationToken),
                call.CancellationToken).ConfigureAwait(false);
        int failed = found.Items.Count(item => item.Failure is not null);
        if (call.Output.Json)
        {
            call.Output.Document(
                new CollectionDocument(
                    _store.Location(call), dryRun, found.IsBusy, found.Bytes, found.Kept, found.KeptBytes,
                    [.. found.Items.Select(CollectionDocument.Item.Of)]),
                CommandJson.Default.CollectionDocument);
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        }

        foreach (CollectedItem item in found.Items)
        {
            string what = CollectionDocument.Item.NameOf(item.Kind);
            if (item.Failure is null)
                call.Output.Line($"{what} {SafeText.Of(item.Path)} {Quantity.Bytes(item.Bytes)}");
            else
                call.Output.Message($"{what} {item.Path} stays: {Explain(item.Failure)}");
        }

        if (found.IsBusy)
            call.Output.Message("layers and blobs were left alone: somebody is pulling or unpacking");
        call.Output.Message(
            $"{Quantity.Count(found.Items.Count - failed, "thing")} " +
                $"{(dryRun ? "would be collected" : "collected")}, {Quantity.Bytes(found.Bytes)}");
        if (found.Kept > 0)
        {
            call.Output.Message($"{Quantity.Count(found.Kept, "blob")} that nothing needs, {Quantity.Bytes(found.KeptBytes)}, " +
                "stay for a day; --now takes them");
        }

        if (failed == 0)
            return ExitCode.Done;
        call.Output.Flush();
        Console.Error.WriteLine($"winlayers: {Quantity.Count(failed, "thing")} could not be removed [WCL1906]");
        return ExitCode.Failed;
    }
}

/// <summary>What <c>gc --json</c> prints.</summary>
internal sealed record CollectionDocument(
    string Store, bool DryRun, bool IsBusy, long Bytes, int Kept, long KeptBytes, IReadOnlyList<CollectionDocument.Item> Items)
{
    public sealed record Item(string Path, string Kind, long Bytes, string? Failure)
    {
        public static Item Of(CollectedItem item) =>
            new(item.Path, NameOf(item.Kind), item.Bytes, item.Failure?.Message);

        public static string NameOf(CollectedKind kind) => kind switch
        {
            CollectedKind.Layer => "layer",
            CollectedKind.Blob => "blob",
            CollectedKind.PartialBlob => "partial blob",
            CollectedKind.ImageRecord => "image record",
            CollectedKind.Hold => "hold",
            CollectedKind.Name => "name",
            _ => "leftover",
        };
    }
}
