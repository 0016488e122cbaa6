using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Options;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>Checks every digest, DiffID and stored file.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string?> _what;
    private readonly StoreOption _store;
    private readonly SourceOptions _source;

    public VerifyVerb()
        : base(
            "verify", "Check every digest, DiffID and stored file",
            "winlayers verify",
            "winlayers verify sample:",
            "winlayers verify docker-archive:app.tar --json")
    {
        _what = AddOptionalArgument("REF|DIR", "An image, unpacked or not, or a layer's folder in a store; without, the whole store");
        _store = new StoreOption(this);
        _source = new SourceOptions(this);
        AddJson();
        Remarks =
            "An unpacked image is checked in the store; any other where it is. The whole store is every\nimage that it lists or has unpacked, and all blobs and layers beside. Nothing is changed.\nExit code 1 where something differs or is missing.";
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var check = new Verification(call);
        string? what = call.Get(_what);
        if (what is not null && Directory.Exists(what))
            await CheckFolderAsync(call, check, what).ConfigureAwait(false);
        else if (await _store.OpenIfThereAsync(call).ConfigureAwait(false) is { } store && (what is null || StoreOption.Find(store, what).Count > 0))
            await StoreCheck.RunAsync(call, check, store, what is null ? null : StoreOption.Find(store, what)).ConfigureAwait(false);
        else if (what is null)
            throw CommandFailedException.NotThere("the store", _store.Location(call), "Unpack or pull an image first");
        else
            await CheckImageAsync(call, check, what).ConfigureAwait(false);
        return check.Show();
    }

    private static async Task CheckFolderAsync(Invocation call, Verification check, string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string root = Path.GetDirectoryName(Path.GetDirectoryName(full)) ?? full;
        bool isStored = Digest.TryParse("sha256:" + Path.GetFileName(full), out Digest chainId) && File.Exists(Path.Combine(root, "oci-layout"));
        if (!isStored)
            throw CommandFailedException.NotSuitable(folder, "is not a layer of a store", "Name a folder that 'winlayers unpack' printed");
        LayerStore store = await LayerStore.OpenAsync(root, call.CancellationToken).ConfigureAwait(false);
        await check.LayersAsync(store, [chainId]).ConfigureAwait(false);
    }

    private async Task CheckImageAsync(Invocation call, Verification check, string text)
    {
        IImageSource source = await _source.OpenAsync(call, text).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
            await check.ImageAsync(source, _source.Platform(call)).ConfigureAwait(false);
    }
}
