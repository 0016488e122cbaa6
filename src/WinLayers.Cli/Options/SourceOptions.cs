using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Terminal;
using WinLayers.Oci;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;
using WinLayers.Samples;
using WinLayers.Storage;

namespace WinLayers.Cli.Options;

/// <summary>Where images come from and go to: references of every transport, with the options for registries and platforms.</summary>
internal sealed class SourceOptions
{
    /// <summary>For help pages.</summary>
    public const string Transports =
        """
        An image is named as docker://HOST/REPO[:TAG][@DIGEST] (docker:// may be left out),
        oci:FOLDER[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], sample:[NAME], or
        sha256:DIGITS, 12 or more of them, where the store has it.
        """;

    private readonly RegistryFlags _registry;
    private readonly PlatformOptions? _platform;
    private readonly StoreOption? _store;
    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Take the image from the store, and ask no source what its name means",
    };

    private RegistryClient? _client;
    private string[] _named = [];

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="store">
    /// Where images are that are named by digest, or taken without asking their source; null for a verb that takes none.
    /// </param>
    /// <param name="withPlatform">Whether an index's image is chosen.</param>
    public SourceOptions(Command verb, StoreOption? store, bool withPlatform = true)
    {
        _store = store;
        _platform = withPlatform ? new PlatformOptions(verb) : null;
        if (store is not null)
            verb.Options.Add(_offline);
        _registry = new RegistryFlags(verb);
    }

    /// <summary>Whether the verb reads an image of what is named, and not only the document that the name leads to.</summary>
    public bool NeedsImage { get; init; } = true;

    /// <summary>Which of an index's images; null where nothing was asked for.</summary>
    public PlatformRequest? Platform(Invocation call) => _platform?.ReadOrNull(call);

    /// <summary>The same, with the default spelled out.</summary>
    public PlatformRequest PlatformOrDefault(Invocation call) => _platform?.Read(call) ?? PlatformRequest.Default;

    /// <summary>Refuses options that choose among an index's images where what was named has no platform.</summary>
    /// <exception cref="UsageException">One was given.</exception>
    public void RefusePlatform(Invocation call, string what)
    {
        if (_platform?.NamedIn(call) is { } option)
            throw new UsageException($"{option} chooses one of an index's images, and {what} was named");
    }

    /// <summary>Whether the user wants no source to be asked.</summary>
    public bool IsOffline(Invocation call) => _store is not null && call.Get(_offline);

    /// <summary>
    /// Says beforehand what a verb opens that opens more than one image: whose credentials and whose plain HTTP are meant is decided
    /// once, for all of them.
    /// </summary>
    public void Name(params ReadOnlySpan<ImageReference?> images)
    {
        var hosts = new List<string>();
        foreach (ImageReference? image in images)
            if (image is RegistryReference { Host: var host } && !hosts.Contains(host, StringComparer.Ordinal))
                hosts.Add(host);
        _named = [.. hosts];
    }

    /// <summary>The client that speaks to an image's registry; it belongs to the run.</summary>
    public RegistryClient Registry(Invocation call, string typed, RegistryReference reference)
    {
        call.Doubt = ImageArgument.DoubtOf(typed, reference);
        return Client(call, reference);
    }

    /// <summary>Whether an option that chooses among an index's images was typed.</summary>
    public bool ChoosesPlatform(Invocation call) => _platform?.NamedIn(call) is not null;

    /// <summary>
    /// Opens an image: a digest in the store, a name at its source. With <c>--offline</c> the name too is answered from the store, and that
    /// is
    /// said. The source belongs to the run.
    /// </summary>
    public async Task<IImageSource> OpenAsync(Invocation call, string text)
    {
        if (await FindDigestAsync(call, text).ConfigureAwait(false) is { } stored)
            return call.Own(stored);
        ImageReference image = ImageArgument.Parse(text);

        // A made-up image is this program's own: no source is asked for it.
        if (IsOffline(call) && image is not SampleReference)
            return call.Own(await OpenOfflineAsync(call, image).ConfigureAwait(false));
        SayCost(call, image);
        call.Doubt = ImageArgument.DoubtOf(text, image);
        if (_store is not null)
            call.ElseFromStore = async () => await _store.OpenIfThereAsync(call).ConfigureAwait(false) is { } store
                && StoredSource.RootOf(store, image) is not null;
        return call.Own(await TransportsOf(call).OpenAsync(image, call.CancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens an image that the store has, by name or digest.</summary>
    public async Task<IImageSource> OpenStoredAsync(Invocation call, string text)
    {
        if (await FindDigestAsync(call, text).ConfigureAwait(false) is { } stored)
            return call.Own(stored);
        return call.Own(await OpenStoredAsync(call, ImageArgument.Parse(text)).ConfigureAwait(false));
    }

    /// <summary>Opens a place for an image to go.</summary>
    /// <param name="call">The run.</param>
    /// <param name="reference">The place.</param>
    /// <param name="source">Where the image comes from.</param>
    /// <param name="overwrites">Whether an archive that is there may be replaced.</param>
    public Task<IImageTarget> OpenTargetAsync(Invocation call, string reference, IImageSource source, bool overwrites)
    {
        ImageReference image = ImageArgument.ParseTarget(reference);
        ImageTransports transports = TransportsOf(call);
        _ = KnownTransports.Names.TryParse(source.Name, out ImageReference? from);
        return (overwrites ? transports.ReplacingFiles() : transports).OpenTargetAsync(image, from, call.CancellationToken);
    }

    // It is made before anything of it can be shown.
    private static void SayCost(Invocation call, ImageReference image)
    {
        if (image is SampleReference { Cost: var (entries, bytes) })
        {
            call.Output.Message($"making {image}: {Quantity.Count(entries, "entry", "entries")}, {Quantity.Bytes(bytes)} of files, " +
                $"about half of that for a while in {Path.GetTempPath()}");
        }
    }

    private async Task<IImageSource?> FindDigestAsync(Invocation call, string text)
    {
        if (_store is null || DigestArgument.StartOfAny(text) is not { } start)
            return null;
        LayerStore? store = await _store.OpenIfThereAsync(call).ConfigureAwait(false);
        if (await StoredSource.FindDigestAsync(call, store, start).ConfigureAwait(false) is { } source)
        {
            if (_platform is not null && NeedsImage)
                await StoredSource.CheckAsync(call, store!, source, Platform(call)).ConfigureAwait(false);
            return source;
        }

        return DigestArgument.StartOf(text) is null ? null
            : throw CommandFailedException.NotInStore(text, $"'winlayers ls' lists the images of {_store.Location(call)}");
    }

    private async Task<IImageSource> OpenOfflineAsync(Invocation call, ImageReference image)
    {
        IImageSource source = await OpenStoredAsync(call, image).ConfigureAwait(false);
        call.Output.Message($"{image} is answered from the store, as it was when its source was last asked");
        return source;
    }

    private async Task<IImageSource> OpenStoredAsync(Invocation call, ImageReference image)
    {
        LayerStore? store = await _store!.OpenIfThereAsync(call).ConfigureAwait(false);
        IImageSource source = StoredSource.FindName(store, image)
            ?? throw CommandFailedException.NotInStore(image.ToString(),
                $"Bring it into the store {_store.Location(call)} first: winlayers pull {image}");
        if (_platform is not null && NeedsImage)
            await StoredSource.CheckAsync(call, store!, source, Platform(call)).ConfigureAwait(false);
        return source;
    }

    // All that speaks HTTP takes longer to load than a small image to read: it is loaded where it is needed.
    private ImageTransports TransportsOf(Invocation call) => KnownTransports.With(reference => Client(call, reference));

    // One for the whole run: two would each take the environment's credentials for their own.
    private RegistryClient Client(Invocation call, RegistryReference reference) => _client ??= call.Own(
        new RegistryClient(_registry.Read(call, _named.Length > 0 ? _named : [reference.Host]),
            new DetailLogger<RegistryClient>(call.Output)));
}
