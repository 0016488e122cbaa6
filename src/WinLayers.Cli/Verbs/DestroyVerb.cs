using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Windows;

namespace WinLayers.Cli.Verbs;

/// <summary>Removes an image from the store, or one layer's folder through its host.</summary>
internal sealed class DestroyVerb : Verb
{
    private readonly Argument<string> _what;
    private readonly HostOption _host;
    private readonly StoreOption _store;

    public DestroyVerb()
        : base(
            "destroy", "Remove an image from the store, or a layer's folder",
            "winlayers destroy sample:",
            "winlayers destroy ./layers/4f2a91b0")
    {
        _what = AddArgument("REF|DIR", "An image of the store, pulled or unpacked, its digest, or a layer's folder");
        _host = new HostOption(this);
        _store = new StoreOption(this);
        Remarks = "An image's layers go with the next 'winlayers gc', unless another image needs them. A folder\ngoes only where it is " +
            "a layer beyond doubt, holds nothing else, and belongs to no store.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string what = call.Get(_what);
        if (Directory.Exists(what))
        {
            DestroyCheck check =
                await DestroyCheck.LookAsync(what, [PortableLayerForm.Instance, HcsLayerForm.Instance], call.CancellationToken)
                .ConfigureAwait(false);
            if (check.Obstacle is not DestroyObstacle.None)
                throw Refuse(what, check);
            // Windows is not asked about a folder that it did not make.
            ILayerHost host = check.Host == PortableLayerHost.Instance.Name ? PortableLayerHost.Instance : _host.Open(call);
            host.Destroy(check.Folder);
            call.Output.Message($"destroyed {what}");
            return ExitCode.Done;
        }

        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        string? digest = DigestArgument.StartOfAny(what);
        bool isGone = store is not null
            && ((digest is not null && await ForgetDigestAsync(call, store, digest).ConfigureAwait(false))
                || (DigestArgument.StartOf(what) is null && KnownTransports.Names.TryParse(what, out ImageReference? reference)
                    && await ForgetNameAsync(call, store, reference.ToAbsolute()).ConfigureAwait(false)));
        return isGone ? ExitCode.Done : throw CommandFailedException.NotThere("the image or layer folder", what,
            $"'winlayers ls' lists the images of {_store.Location(call)}; 'winlayers delete' removes from registries");
    }

    // The image itself, whatever it is called; of an index all its images.
    private static async Task<bool> ForgetDigestAsync(Invocation call, LayerStore store, string start)
    {
        if (await StoredSource.FindDigestAsync(call, store, start).ConfigureAwait(false) is not { } source)
            return false;
        RawManifest root = await source.GetManifestAsync(digest: null, call.CancellationToken).ConfigureAwait(false);
        Digest[] all = ImageDocument.Parse(root) is ImageIndex index
            ? [root.Digest, .. index.Manifests.Select(entry => entry.Digest)] : [root.Digest];
        foreach (StoredImage image in await StoredImages.ListAsync(store, call.CancellationToken).ConfigureAwait(false))
        {
            if (all.Contains(image.Digest))
                call.Output.Message($"forgot {Describe(image)}; 'winlayers gc' collects its layers and blobs");
        }

        foreach (Digest digest in all)
        {
            await store.ForgetImageAsync(digest, call.CancellationToken).ConfigureAwait(false);
            await store.Blobs.Index.RemoveAsync(digest, call.CancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    // The name; its images go with it where they have no other.
    private static async Task<bool> ForgetNameAsync(Invocation call, LayerStore store, ImageReference reference)
    {
        string name = reference.ToString();
        string layoutName = reference is LayoutReference { Name: { } own, Folder: var folder } && folder == store.Root
            ? own : StoreOption.NameOf(reference);
        Digest? listed = store.Blobs.Index.Find(layoutName)?.Digest;
        StoredImage[] images =
            [.. (await StoredImages.ListAsync(store, call.CancellationToken).ConfigureAwait(false))
                .Where(image => image.Names.Contains(name, StringComparer.Ordinal) || image.Digest == listed)];
        if (images.Length == 0 && listed is null && store.FindName(name) is null)
            return false;
        foreach (StoredImage image in images)
        {
            if (image.Names.Any(other => other != name))
            {
                call.Output.Message($"{name} is forgotten; {Describe(image)} stays under its other names");
                continue;
            }

            await store.ForgetImageAsync(image.Digest, call.CancellationToken).ConfigureAwait(false);
            await store.Blobs.Index.RemoveAsync(image.Digest, call.CancellationToken).ConfigureAwait(false);
            call.Output.Message($"forgot {Describe(image)}; 'winlayers gc' collects its layers and blobs");
        }

        await store.ForgetNameAsync(name, call.CancellationToken).ConfigureAwait(false);
        await store.Blobs.Index.RemoveAsync(layoutName, call.CancellationToken).ConfigureAwait(false);
        return true;
    }

    private static string Describe(StoredImage image) =>
        image.Names.Count == 0 ? image.Digest.ToString() : $"{string.Join(", ", image.Names)} ({image.Digest})";

    private static CommandFailedException Refuse(string folder, DestroyCheck check)
    {
        const string collect = "'winlayers gc' removes the layers of a store that nothing needs";
        (string why, string remedy) = check.Obstacle switch
        {
            DestroyObstacle.Link => ("is a link, not a layer's folder", "Name the folder that it leads to"),
            DestroyObstacle.OrphanOfStore =>
                ($"was made for a store, which is not around it ({check.Detail})", "Remove that file first if no store has it"),
            DestroyObstacle.OfImage =>
                ($"is a layer of {StoreOption.Describe(check.Image!)}", $"Destroy the image instead; then {collect}"),
            DestroyObstacle.InStore => ($"is a layer of the store '{check.Detail}'", $"With --store {check.Detail}, {collect}"),
            DestroyObstacle.Scratch => ("is a scratch layer", "'winlayers scratch remove' unmounts it and removes it"),
            DestroyObstacle.HoldsOther =>
                ($"holds '{check.Detail}', which is no part of a layer", "Move it away first, or remove the folder yourself"),
            DestroyObstacle.HasChild => ($"is a layer that '{check.Detail}' stands on", "Destroy that one first"),
            _ =>
                ("is not a layer's folder",
                "One holds layer.jsonl, or Files with Hives, layerchain.json or blank.vhdx; other folders are yours to remove"),
        };
        return CommandFailedException.NotSuitable(folder, why, remedy);
    }
}
