using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Formats.Names;
using WinLayers.Oci.Sources;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Cli.Verbs;

/// <summary>Shows what an image is, without its layers' bytes.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly Argument<string> _what;
    private readonly Option<bool> _raw;
    private readonly Option<bool> _config;
    private readonly SourceOptions _source;
    private readonly StoreOption _store;

    public InspectVerb()
        : base(
            "inspect", "Show an image's platform, configuration and layers, or an unpacked layer",
            "winlayers inspect sample:",
            "winlayers inspect docker://mcr.microsoft.com/windows/nanoserver:ltsc2022 --json",
            "winlayers inspect registry.example/app:1 --raw | sha256sum",
            "winlayers inspect ~/.local/share/winlayers/layers/4f2a…")
    {
        _what = AddArgument("REF|DIR", "The image, or the folder of an unpacked layer");
        _raw = AddFlag("--raw", "The manifest's or index's exact bytes");
        _config = AddFlag("--config", "The configuration's exact bytes");
        _store = new StoreOption(this);
        _source = new SourceOptions(this, _store);
        AddJson();
        Remarks = SourceOptions.Transports
            + "\nWhat is inside the layers, their size unpacked and the Utility VM, is told of images that\nare unpacked in the store; " +
                "no layer is fetched for it. --raw prints an index as it is, unless\nan option chooses among its images.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        bool isBytes = call.Get(_raw) || call.Get(_config);
        if (isBytes && call.Output.Json)
            throw new UsageException($"{(call.Get(_raw) ? "--raw" : "--config")} prints bytes as they are: leave --json out");
        if (Directory.Exists(call.Get(_what)))
        {
            _source.RefusePlatform(call, "a layer's folder");
            if (isBytes)
                throw new UsageException($"'{call.Get(_what)}' is a layer's folder, which has neither manifest nor configuration");
            ShowFolder(call, call.Get(_what));
            return ExitCode.Done;
        }

        IImageSource source = await _source.OpenAsync(call, call.Get(_what)).ConfigureAwait(false);
        if (isBytes)
        {
            ReadOnlyMemory<byte> bytes = await ReadAsync(call, source).ConfigureAwait(false);
            call.Output.Bytes.Write(bytes.Span);
            return ExitCode.Done;
        }

        ResolvedImage image =
            await ImageResolver.ResolveAsync(source, _source.Platform(call), call.CancellationToken).ConfigureAwait(false);
        if (image.Warning is { } warning)
            call.Output.Message($"warning: {image.Name}: {warning}");
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        Show(call.Output, image, store is null ? null : SummariesOf(store, image, call.CancellationToken));

        return ExitCode.Done;
    }

    // What the name leads to, an index too, unless an option chooses one of its images; a configuration is always one image's.
    private async Task<ReadOnlyMemory<byte>> ReadAsync(Invocation call, IImageSource source)
    {
        if (!call.Get(_config) && !_source.ChoosesPlatform(call))
            return (await source.GetManifestAsync(digest: null, call.CancellationToken).ConfigureAwait(false)).Bytes;
        ResolvedImage image =
            await ImageResolver.ResolveAsync(source, _source.Platform(call), call.CancellationToken).ConfigureAwait(false);
        return call.Get(_config) ? image.ConfigBytes : image.Manifest.Raw.Bytes;
    }

    public static void Show(Output output, ResolvedImage resolved, IReadOnlyList<LayerSummary?>? contents = null)
    {
        var image = InspectedImage.Of(resolved, contents ?? []);
        if (output.Json)
        {
            output.Document(image, CommandJson.Default.InspectedImage);
            return;
        }

        var facts = new Facts();
        facts.Add("Image", image.Image);
        facts.Add("Digest", image.Digest);
        if (resolved.Index is { } index)
            facts.Add("Index", $"{index.Raw.Digest}, {Quantity.Count(index.Manifests.Count, "entry", "entries")}");
        facts.Add("Platform", $"{image.Platform.Os}/{image.Platform.Architecture} {image.Platform.OsVersion}".TrimEnd());
        facts.Add("", image.Platform.Name);
        facts.Add("Created", image.Created);
        facts.Add("Runs", string.Join(' ', image.Entrypoint.Concat(image.Command)));
        facts.Add("User", image.User);
        facts.Add("Folder", image.WorkingDirectory);
        foreach ((string name, string value) in image.Labels)
            facts.Add("Label", $"{name}={value}");
        facts.Add("Size", $"{Quantity.Bytes(image.Size)} in {Quantity.Count(image.Layers.Count, "layer")}, as stored in the registry");
        if (image.ContentBytes is { } bytes)
            facts.Add("", $"{Quantity.Bytes(bytes)} of files, unpacked");
        if (image.UtilityVm is { } utilityVm)
            facts.Add("Utility VM", utilityVm.Layer is { } layer ? $"in layer {layer}, {utilityVm.Detail}" : utilityVm.Detail);
        foreach (InspectedImage.InspectedLayer foreign in image.Layers.Where(layer => layer.IsForeign))
            facts.Add("Foreign",
                $"{foreign.Digest} from {(foreign.Urls.Count > 0 ? string.Join(", ", foreign.Urls) : "the registry alone")}");
        facts.WriteTo(output);
        output.Line();

        var table = new TextTable(
            new Column("Layer", IsNumber: true), new Column("Blob"), new Column("Chain id"), new Column("Size", IsNumber: true),
                new Column("Unpacked", IsNumber: true), new Column("Made by"));
        for (int i = 0; i < image.Layers.Count; i++)
        {
            InspectedImage.InspectedLayer layer = image.Layers[i];
            ResolvedLayer at = resolved.Layers[i];
            table.Add(
                $"{i}", ShortDigest.Of(at.Descriptor.Digest), ShortDigest.Of(at.ChainId), Quantity.Bytes(layer.Size),
                    layer.Contents is { } unpacked ? Quantity.Bytes(unpacked.Bytes) : "",
                (layer.IsForeign ? "(foreign) " : "") + Shorten(layer.CreatedBy ?? "", 120));
        }

        table.WriteTo(output);
    }

    private static void ShowFolder(Invocation call, string folder)
    {
        // A folder with Files alone is looked at too: a layer of Windows that is not finished.
        bool isLayer = LayerFolder.Identify(folder) is LayerFolderKind.Portable || Directory.Exists(Path.Combine(folder, LayerRoots.Files));
        if (!isLayer)
            throw CommandFailedException.NotSuitable(folder, "is not a layer's folder",
                "A layer's folder holds layer.jsonl or Files; an image's folder is named oci:FOLDER");
        var layer = InspectedFolder.Of(folder, call.CancellationToken);
        if (call.Output.Json)
            call.Output.Document(layer, CommandJson.Default.InspectedFolder);
        else
            layer.WriteTo(call.Output);
    }

    // Of the layers that are unpacked here what is in them, base first.
    private static List<LayerSummary?> SummariesOf(LayerStore store, ResolvedImage image, CancellationToken cancellationToken) =>
        [.. image.Layers.Select(layer =>
        {
            if (store.TryGetLayer(layer.ChainId) is not { } stored)
                return null;
            using ILayerTree tree = LayerTrees.Open(stored.Folder);
            return LayerSummary.Of(tree, PortableLayerHost.Instance.List(tree), cancellationToken);
        })];

    private static string Shorten(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
}
