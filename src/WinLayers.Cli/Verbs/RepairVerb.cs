using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Formats.Text;
using WinLayers.Oci.References;
using WinLayers.Storage;
using WinLayers.Unpacking;

namespace WinLayers.Cli.Verbs;

/// <summary>Makes good what is damaged in the store.</summary>
internal sealed class RepairVerb : Verb
{
    private readonly Argument<string?> _reference;
    private readonly HostOption _host;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;
    private readonly LimitOption _limit;

    public RepairVerb()
        : base(
            "repair", "Make good what is damaged in the store",
            "winlayers repair",
            "winlayers repair docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "winlayers repair --json")
    {
        _reference = AddOptionalArgument("REF", "An unpacked image; without, the whole store");
        _host = new HostOption(this);
        _store = new StoreOption(this);
        _source = new SourceOptions(this, store: null, withPlatform: false);
        _limit = new LimitOption(this);
        AddJson();
        Remarks = "Everything is checked as 'winlayers verify' does. Blobs are fetched again from where their image\ncame from, layers " +
            "are made again from their blobs, and layers above get their links anew.\nWhat cannot be made good stays as " +
                "it is. Exit code 1 where something did.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string location = _store.Location(call);
        if (!Directory.Exists(location))
            throw CommandFailedException.NotThere("the store", location, "Unpack or pull an image first");
        LayerStore store = await StoreRepairer.OpenAsync(location, call.CancellationToken).ConfigureAwait(false);
        var options = new RepairOptions
        {
            Limits = _limit.Read(call),
            OpenSource = (reference, _) => _source.OpenAsync(call, reference),
            NameOf = static reference =>
                KnownTransports.Names.TryParse(reference, out ImageReference? image) ? StoreOption.NameOf(image) : null,
            ReferenceOf = ReferenceOf,
        };
        string? what = call.Get(_reference);
        var repairer = new StoreRepairer(store, _host.Open(call), options);
        RepairReport done = await ProgressBoard.RunAsync(call.Output, board =>
        {
            _ = board.Add(what is null ? "check the store" : $"check {what}", total: null);
            return repairer.RepairAsync(what is null ? null : Named(what), call.CancellationToken);
        }).ConfigureAwait(false);
        if (what is not null && done.Images == 0)
            throw CommandFailedException.NotThere("the unpacked image", what, $"'winlayers ls' lists the images of {store.Root}");
        return Show(call, store, done);
    }

    private static int Show(Invocation call, LayerStore store, RepairReport done)
    {
        foreach (StoredLayer layer in done.NotChecked)
            call.Output.Message($"{layer.Folder}: kept by {layer.Host}, which has no hashes of files to check");
        int failed = done.Items.Count(item => item.Failure is not null);
        if (call.Output.Json)
        {
            call.Output.Document(
                new RepairDocument(store.Root, failed == 0, done.Images, done.Layers, [.. done.Items.Select(RepairDocument.Step.Of)]),
                CommandJson.Default.RepairDocument);
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        }

        foreach (RepairedItem item in done.Items)
        {
            string what = $"{RepairDocument.Step.NameOf(item.Kind)} {item.Where}";
            if (item.Failure is null)
                call.Output.Line(SafeText.OneLine(what));
            else
                // Not a message that --quiet takes away: it is still damaged.
                Console.Error.WriteLine(SafeText.OneLine($"winlayers: {what} stays: {Explain(item.Failure)}"));
        }

        string made = done.Items.Count == 0 ? "nothing is damaged" : $"{Quantity.Count(done.Items.Count - failed, "thing")} made good";
        call.Output.Message($"{made}; " +
            $"{Quantity.Count(done.Images, "image")} and {Quantity.Count(done.Layers, "layer")} checked");
        if (failed == 0)
            return ExitCode.Done;
        call.Output.Flush();
        Console.Error.WriteLine($"winlayers: {Quantity.Count(failed, "thing")} could not be made good [WCL1911]");
        return ExitCode.Failed;
    }

    private static Predicate<ImageRecord> Named(string what)
    {
        string? digest = DigestArgument.StartOfAny(what);
        string? name = KnownTransports.Names.TryParse(what, out ImageReference? reference) ? reference.ToAbsolute().ToString() : null;
        return image => (digest is not null && image.ManifestDigest.ToString().StartsWith(digest, StringComparison.Ordinal))
            || (name is not null && image.References.Contains(name, StringComparer.Ordinal));
    }

    private static string Explain(WinLayersException failure) =>
        Remedies.Of(failure) is { } remedy ? $"{failure.Message.TrimEnd('.')}. {remedy} [{failure.Code}]"
            : $"{failure.Message} [{failure.Code}]";

    // Of names that stand for one reference alone; paths are not told by theirs.
    private static string? ReferenceOf(string name) =>
        KnownTransports.Names.TryParse(name, out ImageReference? image) && StoreOption.NameOf(image) == name ? image.ToString() : null;
}

/// <summary>What <c>repair --json</c> prints.</summary>
internal sealed record RepairDocument(string Store, bool Ok, int Images, int Layers, IReadOnlyList<RepairDocument.Step> Items)
{
    public sealed record Step(string Where, string Kind, string? Failure, string? Code)
    {
        public static Step Of(RepairedItem item) => new(item.Where, NameOf(item.Kind), item.Failure?.Message, item.Failure?.Code);

        public static string NameOf(RepairedKind kind) => kind switch
        {
            RepairedKind.Index => "index",
            RepairedKind.ImageRecord => "image record",
            RepairedKind.Blob => "blob",
            RepairedKind.LayerRecord => "layer record",
            RepairedKind.Links => "links",
            RepairedKind.Chain => "chain",
            RepairedKind.Name => "name",
            _ => "layer",
        };
    }
}
