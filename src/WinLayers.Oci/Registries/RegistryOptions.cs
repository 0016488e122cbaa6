using System.Net;

namespace WinLayers.Oci.Registries;

/// <summary>How registries are spoken to. The defaults are safe: TLS, anonymous first, no foreign bytes from private networks.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// The registries, <c>host[:port]</c>, that are spoken to without TLS. Any other is spoken to with TLS, except that one on this
    /// machine's loopback is greeted first and
    /// spoken to as it answers.
    /// </summary>
    public IReadOnlyList<string> PlainHttpHosts { get; init; } = [];

    /// <summary>
    /// The registries that the task names. Where no variable says otherwise, credentials from the environment are for the only one of
    /// them, and for none where there are several or none.
    /// </summary>
    public IReadOnlyList<string> NamedRegistries { get; init; } = [];

    /// <summary>A PEM file of certificate authorities to trust beside the system's.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>Places to ask before the registry itself, in order. Only reads go to mirrors.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>Credentials by registry host, asked before the environment and files; null or a null answer means none.</summary>
    public Func<string, CancellationToken, ValueTask<RegistryCredential?>>? Credentials { get; init; }

    /// <summary>
    /// A file with credentials, Docker's config.json or Podman's auth.json, asked before the environment and alone in place of the other
    /// files;
    /// also where <see cref="UseAmbientCredentials"/> is off.
    /// </summary>
    public string? AuthFile { get; init; }

    /// <summary>
    /// Whether to look for credentials in the environment, in the files of Docker and Podman, and with their helpers: those of the user
    /// that the program runs as, who need not be the one that it works for.
    /// </summary>
    public bool UseAmbientCredentials { get; init; }

    /// <summary>Hosts of token servers outside the registry's own site that may be given the registry's credentials.</summary>
    public IReadOnlyList<string> TrustedTokenHosts { get; init; } = [];

    /// <summary>
    /// Whether a layer's <c>urls</c>, and redirects, may lead to HTTP without TLS. The bytes are checked by digest either way.
    /// </summary>
    public bool AllowHttpUrls { get; init; }

    /// <summary>
    /// Whether a layer's <c>urls</c> may lead to loopback, link-local and private addresses, and a registry's redirects, token servers and
    /// places of uploads to such addresses where it is not itself.
    /// </summary>
    public bool AllowPrivateUrls { get; init; }

    /// <summary>How often a request that failed in passing is repeated.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The wait before the first repetition; it doubles each time, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait between repetitions, and the longest that a registry may ask for with Retry-After.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long making a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long an answer may take to begin, and a manifest or other document to arrive. An upload may take any time while bytes go.
    /// </summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a registry may take to store a blob once it has all its bytes; some move it to slow storage before they answer.
    /// </summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a download may bring fewer bytes than <see cref="MinBytesPerSecond"/> before it is broken off and resumed.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The slowest download that counts as alive.</summary>
    public int MinBytesPerSecond { get; init; } = 128;

    /// <summary>How long a credential helper may take.</summary>
    public TimeSpan HelperTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of one manifest, index, page of tags or list of referrers.</summary>
    public int ManifestBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Blobs up to this size are sent whole, larger ones in pieces of this size; two are held in memory, one that is sent and one that is
    /// read.
    /// </summary>
    public int UploadChunkBytes { get; init; } = 8 << 20;

    /// <summary>
    /// What sends requests to registries, in place of sockets; for tests. It must not follow redirects, and is not disposed.
    /// Requests for a layer's <c>urls</c> never use it.
    /// </summary>
    public HttpMessageHandler? HttpMessageHandler { get; init; }

    /// <summary>The clock for waits and for the life of tokens.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Reads an environment variable.</summary>
    internal Func<string, string?> EnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Resolves a host.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> ResolveHost { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Connects to one of a host's addresses, in place of a socket.</summary>
    internal Func<IPAddress[], int, CancellationToken, ValueTask<Stream>>? Dial { get; init; }
}
