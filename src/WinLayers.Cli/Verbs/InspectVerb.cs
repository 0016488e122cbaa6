using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Cli.Terminal;
using WinLayers.Sources;

namespace WinLayers.Cli.Verbs;

/// <summary>Shows what an image is, without its layers' bytes.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly Argument<string> _what;
    private readonly SourceOptions _source;

    public InspectVerb()
        : base(
            "inspect", "Show an image's platform, configuration and layers",
            "winlayers inspect sample:",
            "winlayers inspect docker://mcr.microsoft.com/windows/nanoserver:ltsc2022 --json")
    {
        _what = AddArgument("REF", "The image");
        _source = new SourceOptions(this);
        AddJson();
        Remarks = SourceOptions.Transports;
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        IImageSource source = await _source.OpenAsync(call, call.Get(_what)).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            ResolvedImage image = await ImageResolver.ResolveAsync(source, _source.Wish(call), call.CancellationToken).ConfigureAwait(false);
            Show(call.Output, image);
        }

        return ExitCode.Done;
    }

    public static void Show(Output output, ResolvedImage resolved)
    {
        var image = InspectedImage.Of(resolved);
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
        facts.WriteTo(output);
        output.Line();

        var table = new TextTable(
            new Column("Layer", IsNumber: true), new Column("Blob"), new Column("Chain id"), new Column("Size", IsNumber: true), new Column("Made by"));
        for (int i = 0; i < image.Layers.Count; i++)
        {
            InspectedImage.InspectedLayer layer = image.Layers[i];
            ResolvedLayer at = resolved.Layers[i];
            table.Add(
                $"{i}", ShortDigest.Of(at.Descriptor.Digest), ShortDigest.Of(at.ChainId), Quantity.Bytes(layer.Size),
                (layer.IsForeign ? "(foreign) " : "") + Shorten(layer.CreatedBy ?? "", 120));
        }

        table.WriteTo(output);
    }

    private static string Shorten(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
}
