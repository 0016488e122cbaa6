using System.Diagnostics.CodeAnalysis;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.References;

/// <summary>An image in a registry.</summary>
public sealed record RegistryReference : ImageReference
{
    internal const string Prefix = "docker://";

    private const string DockerHub = "docker.io";

    private RegistryReference(string host, string repository, string? tag, Digest? digest)
    {
        Host = host;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>
    /// The registry: <c>mcr.microsoft.com</c>, <c>localhost:5000</c>; <c>docker.io</c> where none is written. Lower-case.
    /// </summary>
    public string Host { get; }

    /// <summary>The repository: <c>windows/nanoserver</c>; with <c>library/</c> before a bare name on docker.io.</summary>
    public string Repository { get; }

    /// <summary>The tag; <c>latest</c> where neither tag nor digest is written, null where a digest alone is.</summary>
    public string? Tag { get; }

    /// <summary>The digest, which decides where both are written.</summary>
    public Digest? Digest { get; }

    /// <summary>What a registry is asked for: the digest, else the tag.</summary>
    public string Target => Digest?.ToString() ?? Tag!;

    /// <summary>The same repository with this tag and no digest.</summary>
    /// <exception cref="ImageReferenceException">The tag is not well-formed.</exception>
    public RegistryReference WithTag(string tag) =>
        ReferenceGrammar.IsTag(tag)
            ? new(Host, Repository, tag, digest: null)
            : throw new ImageReferenceException(ImageReferenceFailure.Malformed, $"{Host}/{Repository}:{tag}",
                "the tag is not well-formed");

    /// <summary>The same repository with this digest and no tag.</summary>
    public RegistryReference WithDigest(Digest digest) => new(Host, Repository, tag: null, digest);

    /// <summary>Reads a reference as <see cref="ImageReference.ToString"/> writes it; <c>docker://</c> may be left out.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static RegistryReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadPrefixed(text, Prefix, isBareAllowed: true, Read, out string? problem) ?? throw Malformed(text, problem);
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RegistryReference? reference)
    {
        reference = text is null ? null : ReadPrefixed(text, Prefix, isBareAllowed: true, Read, out _);
        return reference is not null;
    }

    /// <inheritdoc/>
    protected override string Format() =>
        $"{Prefix}{Host}/{Repository}{(Tag is null ? "" : $":{Tag}")}{(Digest is { } digest ? $"@{digest}" : "")}";

    internal static RegistryReference? Read(string text, out string? problem)
    {
        string name = text;
        Digest? digest = null;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Digests.Digest.TryParse(text[(at + 1)..], out Digest found))
            {
                problem = "what follows '@' is not a digest (sha256: and 64, or sha512: and 128 lower-case hex digits)";
                return null;
            }

            digest = found;
            name = text[..at];
        }

        // A colon after the last slash starts the tag; one before belongs to the host's port.
        string? tag = null;
        int colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!ReferenceGrammar.IsTag(tag))
            {
                problem = "the tag is not 1 to 128 letters, digits, '_', '.' or '-', the first no '.' or '-'";
                return null;
            }
        }

        (string host, string repository) = Split(name);
        if (!ReferenceGrammar.IsHost(host))
        {
            problem = "the registry's name is not a host with an optional port";
            return null;
        }

        if (!ReferenceGrammar.IsRepository(repository))
        {
            problem = "the repository is not lower-case letters and digits, joined by '.', '_', '__' or '-', with '/' between its parts";
            return null;
        }

        problem = null;
        return new RegistryReference(host, repository, tag ?? (digest is null ? "latest" : null), digest);
    }

    // The first part is a host when it cannot be part of a repository on Docker Hub: a dot, a port, or localhost.
    private static (string Host, string Repository) Split(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool isHost = first.AsSpan().ContainsAny('.', ':') || first == "localhost";
        string host = isHost ? first.ToLowerInvariant() : DockerHub;
        string repository = isHost ? name[(slash + 1)..] : name;
        if (host is "index.docker.io" or "registry-1.docker.io")
            host = DockerHub;
        if (host == DockerHub && !repository.Contains('/', StringComparison.Ordinal))
            repository = "library/" + repository;
        return (host, repository);
    }
}
