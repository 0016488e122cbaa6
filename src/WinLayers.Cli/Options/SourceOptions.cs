using System.CommandLine;
using WinLayers.Cli.Frame;
using WinLayers.Cli.Inputs;
using WinLayers.Cli.Terminal;
using WinLayers.Oci;
using WinLayers.Oci.Platforms;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Options;

/// <summary>Where images come from and go to: references of every transport, with the options for registries and platforms.</summary>
internal sealed class SourceOptions
{
    /// <summary>For help pages.</summary>
    public const string Transports =
        """
        An image is named as docker://HOST/REPO[:TAG][@DIGEST] (docker:// may be left out),
        oci:FOLDER[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], or sample:[NAME].
        """;

    private readonly RegistryFlags _registry;
    private readonly PlatformOptions? _platform;
    private RegistryClient? _client;
    private string[] _named = [];

    public SourceOptions(Command verb, bool withPlatform = true)
    {
        _platform = withPlatform ? new PlatformOptions(verb) : null;
        _registry = new RegistryFlags(verb);
    }

    /// <summary>Which of an index's images; null where nothing was asked for.</summary>
    public PlatformRequest? Platform(Invocation call) => _platform?.ReadOrNull(call);

    /// <summary>The same, with the default spelled out.</summary>
    public PlatformRequest PlatformOrDefault(Invocation call) => _platform?.Read(call) ?? PlatformRequest.Default;

    /// <summary>
    /// Says beforehand what a verb opens that opens more than one image: whose credentials and whose plain HTTP are meant is decided
    /// once, for all of them.
    /// </summary>
    public void Name(params ReadOnlySpan<ImageReference> images)
    {
        var hosts = new List<string>();
        foreach (ImageReference image in images)
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
    public bool ChoosesPlatform(Invocation call) => _platform?.IsAsked(call) == true;

    public Task<IImageSource> OpenAsync(Invocation call, string reference)
    {
        ImageReference image = ImageArgument.Parse(reference);
        call.Doubt = ImageArgument.DoubtOf(reference, image);
        return TransportsOf(call).OpenAsync(image, call.CancellationToken);
    }

    /// <summary>Opens a place for an image to go.</summary>
    /// <param name="call">The run.</param>
    /// <param name="reference">The place.</param>
    /// <param name="from">Where the image comes from.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    public Task<IImageTarget> OpenTargetAsync(Invocation call, string reference, string from, bool overwrite)
    {
        ImageReference image = ImageArgument.ParseTarget(reference);
        ImageTransports transports = TransportsOf(call);
        return (overwrite ? transports.ReplacingFiles() : transports).OpenTargetAsync(image, KnownTransports.Names.Parse(from), call.CancellationToken);
    }

    // All that speaks HTTP takes longer to load than a small image to read: it is loaded where it is needed.
    private ImageTransports TransportsOf(Invocation call) => KnownTransports.With(reference => Client(call, reference));

    // One for the whole run: two would each take the environment's credentials for their own.
    private RegistryClient Client(Invocation call, RegistryReference reference) => _client ??= call.Own(
        new RegistryClient(_registry.Read(call, _named.Length > 0 ? _named : [reference.Host]),
            new DetailLogger<RegistryClient>(call.Output)));
}
