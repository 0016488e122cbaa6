using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Hosts;
using WinLayers.Portable;
using WinLayers.Storage;

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
            DestroyableLayer layer = await DestroyableLayer.RequireAsync(what, call.CancellationToken).ConfigureAwait(false);
            // Windows is not asked about a folder that it did not make.
            ILayerHost host = layer.IsPortable ? PortableLayerHost.Instance : _host.Open(call);
            host.Destroy(layer.Folder);
            call.Output.Message($"destroyed {what}");
            return ExitCode.Done;
        }

        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        IReadOnlyList<ImageRecord> images = store is null ? [] : StoreOption.Find(store, what);
        if (images.Count == 0)
            throw CommandFailedException.NotThere("the image or layer folder", what, $"'winlayers ls' lists the images of {_store.Location(call)}");
        foreach (ImageRecord image in images)
        {
            await store!.ForgetImageAsync(image.ManifestDigest, call.CancellationToken).ConfigureAwait(false);
            await store.Blobs.Index.RemoveAsync(image.ManifestDigest, call.CancellationToken).ConfigureAwait(false);
            call.Output.Message($"forgot {StoreOption.Describe(image)}; 'winlayers gc' collects its layers");
        }

        return ExitCode.Done;
    }
}
