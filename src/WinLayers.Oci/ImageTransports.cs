using System.Diagnostics.CodeAnalysis;
using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci;

/// <summary>
/// The transports that a program knows: reads references and opens what they name. Immutable; a program makes one and passes it on.
/// </summary>
public sealed class ImageTransports
{
    // What other tools and sets read and this one may lack: such a reference must not pass for a name on Docker Hub.
    private static readonly string[] ForeignTransports =
        ["containers-storage:", "docker-daemon:", "dir:", "ostree:", "sif:", "tarball:", "atomic:", "sample:"];

    private readonly ImageTransport[] _transports;

    // The first one reads names without a prefix.
    private ImageTransports(ImageTransport[] transports) => _transports = transports;

    /// <summary><c>docker://</c>, <c>oci:</c>, <c>oci-archive:</c> and <c>docker-archive:</c>.</summary>
    /// <param name="registries">Speaks to registries; stays with its owner. Without one their images can be named but not opened.</param>
    public static ImageTransports Standard(RegistryClient? registries = null) =>
        Standard(reference => registries ?? throw new InvalidOperationException($"{reference} needs a client for registries."));

    /// <summary>The same, with a client that is asked for when an image in a registry is opened.</summary>
    /// <param name="clientFor">Gives the client for an image; clients stay with their owner.</param>
    public static ImageTransports Standard(Func<RegistryReference, RegistryClient> clientFor)
    {
        ArgumentNullException.ThrowIfNull(clientFor);
        return new([new RegistryImageTransport(clientFor), new LayoutImageTransport(), new OciArchiveImageTransport(),
            new ArchiveImageTransport()]);
    }

    /// <summary>The same set, whose archives replace a plain file that has their name; else one is refused.</summary>
    public ImageTransports ReplacingFiles() => new([.. _transports.Select(static transport => transport switch
    {
        OciArchiveImageTransport => new OciArchiveImageTransport(replaces: true),
        ArchiveImageTransport => new ArchiveImageTransport(replaces: true),
        _ => transport,
    })]);

    /// <summary>A set with one transport more.</summary>
    /// <exception cref="ArgumentException">
    /// Its prefix is no word with a colon, or one of the set begins with it or the other way round.
    /// </exception>
    public ImageTransports With(ImageTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        string prefix = transport.Prefix;
        bool isWord = prefix.IndexOf(':', StringComparison.Ordinal) is > 1 and var colon && prefix[colon..] is ":" or "://";
        return isWord && !Array.Exists(_transports, other => StartsWith(prefix, other.Prefix) || StartsWith(other.Prefix, prefix))
            ? new([.. _transports, transport])
            : throw new ArgumentException($"The prefix '{prefix}' cannot be told from others.", nameof(transport));
    }

    /// <summary>Reads a reference of any transport; one without a prefix is of a registry.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out string? problem, out ImageReferenceFailure reason)
            ?? throw new ImageReferenceException(reason, text, problem!)
            {
                Remedy = reason is ImageReferenceFailure.Malformed
                ? $"An image is named as {List(static transport => transport.Syntax, "or")}." : null,
            };
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = text is null ? null : Read(text, out _, out _);
        return reference is not null;
    }

    /// <summary>Opens an image to read. It belongs to the caller.</summary>
    /// <exception cref="ImageReferenceException">The text is no reference.</exception>
    /// <exception cref="WinLayersException">There is no such folder, file or image.</exception>
    public Task<IImageSource> OpenAsync(string reference, CancellationToken cancellationToken = default) =>
        OpenAsync(Parse(reference), cancellationToken);

    /// <summary>Opens an image to read. It belongs to the caller.</summary>
    /// <exception cref="WinLayersException">There is no such folder, file or image.</exception>
    public Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
        TransportOf(reference).OpenAsync(reference, cancellationToken);

    /// <summary>Opens a place for an image to go. It belongs to the caller.</summary>
    /// <param name="reference">The place.</param>
    /// <param name="from">Where the image comes from: blobs move inside one registry without being sent.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ImageReferenceException">Nothing can be written there.</exception>
    public Task<IImageTarget> OpenTargetAsync(ImageReference reference, ImageReference? from = null,
        CancellationToken cancellationToken = default) =>
        TransportOf(reference).OpenTargetAsync(reference, from, cancellationToken);

    private ImageReference? Read(string text, out string? problem, out ImageReferenceFailure reason)
    {
        reason = ImageReferenceFailure.Malformed;
        problem = ImageReference.ProblemOf(text);
        if (problem is not null)
            return null;
        if (Find(text) is { } transport)
            return transport.Parse(text[transport.Prefix.Length..], out problem);
        if (UnknownTransport(text) is { } unknown)
        {
            reason = ImageReferenceFailure.UnknownTransport;
            problem = $"the transport '{unknown}' is none of {List(static transport => transport.Prefix, "and")}";
            return null;
        }

        return _transports[0].Parse(text, out problem);
    }

    private ImageTransport TransportOf(ImageReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return Find(reference.ToString()) ?? throw new ArgumentException($"No transport of this set reads {reference}.", nameof(reference));
    }

    private ImageTransport? Find(string text) => Array.Find(_transports, transport => StartsWith(text, transport.Prefix));

    private string List(Func<ImageTransport, string> name, string last) =>
        $"{string.Join(", ", _transports[..^1].Select(name))} {last} {name(_transports[^1])}";

    // No reference holds "://" but after a transport's name: http, or docker misspelt.
    private static string? UnknownTransport(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is var end and >= 0
            ? text[..(end + 3)]
            : Array.Find(ForeignTransports, transport => text.StartsWith(transport, StringComparison.OrdinalIgnoreCase));

    private static bool StartsWith(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal);
}
