using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Hosts;
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
        _what = AddArgument("REF|DIR", "An unpacked image, its manifest's digest, or a layer's folder");
        _host = new HostOption(this);
        _store = new StoreOption(this);
        Remarks = "An image's layers go with the next 'winlayers gc', unless another image needs them. A folder\ngoes only where it is a layer beyond doubt, holds nothing else, and belongs to no store.";
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
        IReadOnlyList<ImageRecord> images = store is null ? [] : StoreOption.Find(store, what);
        if (images.Count == 0)
            throw CommandFailedException.NotThere("the image or layer folder", what,
                $"'winlayers ls' lists the images of {_store.Location(call)}; 'winlayers delete' removes from registries");
        foreach (ImageRecord image in images)
        {
            await store!.ForgetImageAsync(image.ManifestDigest, call.CancellationToken).ConfigureAwait(false);
            await store.Blobs.Index.RemoveAsync(image.ManifestDigest, call.CancellationToken).ConfigureAwait(false);
            call.Output.Message($"forgot {StoreOption.Describe(image)}; 'winlayers gc' collects its layers");
        }

        return ExitCode.Done;
    }

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
