using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Verbs;

/// <summary>Prints the digest that a name leads to.</summary>
internal sealed class DigestVerb : Verb
{
    private readonly Argument<string> _reference;
    private readonly SourceOptions _source;

    public DigestVerb()
        : base(
            "digest", "Print the digest that an image's name leads to now",
            "winlayers digest mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "winlayers digest registry.example/app:1 --platform windows/amd64",
            "winlayers digest oci:layout:1 --json")
    {
        _reference = AddArgument("REF", "The image");
        _source = new SourceOptions(this, new StoreOption(this)) { NeedsImage = false };
        AddJson();
        Remarks = "Of an index it is the index's own digest, whatever the host; with an option that " +
            "chooses\namong its images the chosen manifest's.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        IImageSource source = await _source.OpenAsync(call, call.Get(_reference)).ConfigureAwait(false);
        DigestDocument found = _source.ChoosesPlatform(call)
            ? await ChooseAsync(source, _source.PlatformOrDefault(call), call.CancellationToken).ConfigureAwait(false)
            : Of(source, await source.GetManifestAsync(digest: null, call.CancellationToken).ConfigureAwait(false));
        if (call.Output.Json)
            call.Output.Document(found, CommandJson.Default.DigestDocument);
        else
            call.Output.Line(found.Digest);

        return ExitCode.Done;
    }

    private static async Task<DigestDocument> ChooseAsync(
        IImageSource source, PlatformRequest request, CancellationToken cancellationToken)
    {
        PlatformChoice choice = await ImageResolver.ChooseAsync(source, request, cancellationToken).ConfigureAwait(false);
        Descriptor chosen = choice.Require();
        return new DigestDocument(source.Name, $"{chosen.Digest}", chosen.MediaType, chosen.Size);
    }

    private static DigestDocument Of(IImageSource source, RawManifest root) =>
        new(source.Name, $"{root.Digest}", root.MediaType, root.Bytes.Length);
}

/// <summary>What <c>digest --json</c> prints.</summary>
internal sealed record DigestDocument(string Image, string Digest, string MediaType, long Size);
