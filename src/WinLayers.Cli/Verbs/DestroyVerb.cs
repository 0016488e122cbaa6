using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Options;
using WinLayers.Hosts;
using WinLayers.Images;
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
        Remarks = "An image's layers go with the next 'winlayers gc', unless another image needs them.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        string what = call.Get(_what);
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        if (Directory.Exists(what))
        {
            DestroyFolder(store, what, _host.Open(call));
            call.Output.Message($"destroyed {what}");
            return ExitCode.Done;
        }

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

    private static void DestroyFolder(LayerStore? store, string folder, ILayerHost host)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        ImageRecord? user = store?.ListImages().FirstOrDefault(image => image.Chain.Any(id => IsFolderOf(store, id, full)));
        if (user is not null)
            throw CommandFailedException.NotSuitable(folder, $"is a layer of {StoreOption.Describe(user)}", "Destroy the image instead, then run 'winlayers gc'");
        bool isLayer = File.Exists(Path.Combine(full, "layer.jsonl")) || Directory.Exists(Path.Combine(full, "Files"));
        if (!isLayer)
            throw CommandFailedException.NotSuitable(folder, "is not a layer's folder", "A layer's folder holds layer.jsonl or Files");
        host.Destroy(full);
    }

    private static bool IsFolderOf(LayerStore store, Digest chainId, string folder) =>
        string.Equals(Path.Combine(store.Root, "layers", chainId.Hex), folder, StringComparison.OrdinalIgnoreCase);
}
