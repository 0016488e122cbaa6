using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Oci.References;

namespace WinLayers.Cli.Verbs;

/// <summary>Deletes a tag or a manifest from a registry.</summary>
internal sealed class DeleteVerb : Verb
{
    private readonly Argument<string> _reference;
    private readonly SourceOptions _source;

    public DeleteVerb()
        : base(
            "delete", "Delete a tag or a manifest from a registry",
            "winlayers delete registry.example/app:1",
            "winlayers delete registry.example/app@sha256:46ef8fa68c84…")
    {
        _reference = AddArgument("REF", "What goes: HOST/REPO:TAG or HOST/REPO@DIGEST");
        _source = new SourceOptions(this, store: null, withPlatform: false);
        AddJson();
        Remarks = "With a tag the tag alone goes; with a digest the manifest, and every tag that leads to it.\nSome registries delete " +
            "by digest only. Of the store 'winlayers destroy' removes.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string text = call.Get(_reference);
        RegistryReference reference = RegistryArgument.Parse(text, "'winlayers destroy' removes images of the store and layers' folders");
        if (!RegistryArgument.NamesOne(text, reference))
            throw new UsageException($"'{text}' says not what of the repository to delete: add a tag or a digest");
        await _source.Registry(call, text, reference).DeleteAsync(reference, call.CancellationToken).ConfigureAwait(false);
        string kind = reference.Digest is null ? "tag" : "manifest";
        if (call.Output.Json)
            call.Output.Document(new DeletedDocument(reference.ToString(), kind), CommandJson.Default.DeletedDocument);
        else
            call.Output.Message($"deleted the {kind} {reference}");
        return ExitCode.Done;
    }
}

/// <summary>What <c>delete --json</c> prints.</summary>
internal sealed record DeletedDocument(string Reference, string Kind);
