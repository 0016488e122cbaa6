using System.Net;
using WinLayers.Formats;

namespace WinLayers.Oci.Registries;

/// <summary>A registry could not be reached, refused, or broke the protocol.</summary>
/// <remarks>No message, property or inner exception holds a secret or a URL's query.</remarks>
public abstract class RegistryException : WinLayersException
{
    private protected RegistryException(string code, RegistryCall call, string problem, Exception? innerException = null)
        : base(code, $"Cannot {call.Operation} ({call.Registry}{(call.Repository.Length == 0 ? "" : $"/{call.Repository}")}): {problem}.",
            innerException)
    {
        Registry = call.Registry;
        Repository = call.Repository;
        Operation = call.Operation;
        Problem = problem;
    }

    /// <summary>The registry, or the mirror, that was asked: <c>mcr.microsoft.com</c>.</summary>
    public string Registry { get; }

    /// <summary>The repository: <c>windows/nanoserver</c>; empty where the registry itself was asked.</summary>
    public string Repository { get; }

    /// <summary>What was being done: <c>read manifest ltsc2022</c>.</summary>
    public string Operation { get; }

    /// <summary>What went wrong, without the operation and the names.</summary>
    internal string Problem { get; }

    /// <summary>The HTTP status, where there was an answer.</summary>
    public HttpStatusCode? Status { get; internal init; }

    /// <summary>What happened at mirrors that were tried before, one line each.</summary>
    public IReadOnlyList<string> MirrorFailures { get; internal set; } = [];

    /// <inheritdoc/>
    public override string Message =>
        MirrorFailures.Count == 0 ? base.Message : $"{base.Message} Mirrors failed before: {string.Join(" ", MirrorFailures)}";

    /// <summary>Whether the same request can be expected to succeed later.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>How long the registry asked to wait.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}

/// <summary>The registry wants credentials, and those that were found, if any, were refused.</summary>
public sealed class RegistryAuthenticationException : RegistryException
{
    internal RegistryAuthenticationException(RegistryCall call, string problem, IReadOnlyList<string> tried,
        Exception? innerException = null, string? refused = null)
        : base("WCL4001", call, tried.Count == 0 ? problem : $"{problem}; tried {string.Join(", ", tried)}", innerException)
    {
        Tried = tried;
        WasRefused = refused is not null;
        string login = $"Log in with 'docker login {call.Registry}' or 'podman login {call.Registry}', or set " +
            "WINLAYERS_REGISTRY_USER and WINLAYERS_REGISTRY_PASSWORD. A registry may also answer so for a repository that does not exist.";
        // What was refused is what is to be mended: setting or storing more would not be looked at.
        Remedy = refused switch
        {
            // A login that was just tried, of no repository.
            _ when call.Repository.Length == 0 =>
                "Check the user's name and the password; some registries want an access token in the password's place.",
            null => login,
            ['$', ..] => "Correct WINLAYERS_REGISTRY_USER and WINLAYERS_REGISTRY_PASSWORD, or unset " +
                "them: they come before what a login stored.",
            _ => $"Correct what '{refused}' has for {call.Registry}: 'docker login {call.Registry}' or " +
                $"'podman login {call.Registry}' writes it anew.",
        };
    }

    /// <summary>
    /// Which files, helpers, environment variables, token servers and scopes were tried, and what each gave. Never a secret.
    /// </summary>
    public IReadOnlyList<string> Tried { get; }

    /// <summary>Whether credentials were found, and refused.</summary>
    public bool WasRefused { get; }

    /// <summary>
    /// Whether a token server got no credentials because it is neither on the registry's own site nor among
    /// <see cref="RegistryOptions.TrustedTokenHosts"/>.
    /// </summary>
    public bool IsTokenHostUntrusted { get; internal init; }
}

/// <summary>The registry knows who asks and refuses.</summary>
public sealed class RegistryDeniedException : RegistryException
{
    internal RegistryDeniedException(RegistryCall call, string problem)
        : base("WCL4002", call, problem)
    {
    }
}

/// <summary>The registry has no such repository, manifest or blob, or does not show it.</summary>
public sealed class RegistryNotFoundException : RegistryException
{
    internal RegistryNotFoundException(RegistryCall call, string problem)
        : base("WCL4003", call, problem) =>
        Remedy = "Check the repository's name and the tag; a private repository may be hidden from those who have not logged in.";
}

/// <summary>The registry asks to slow down, for longer than the options allow to wait.</summary>
public sealed class RegistryRateLimitedException : RegistryException
{
    internal RegistryRateLimitedException(RegistryCall call, string problem, TimeSpan? retryAfter)
        : base("WCL4004", call, problem)
    {
        RetryAfter = retryAfter;
        Remedy = "Log in for a higher limit, use a mirror, or try again later.";
    }

    /// <summary>How long the registry asked to wait, where it said so.</summary>
    public TimeSpan? Wait => RetryAfter;
}

/// <summary>What answers does not keep to the protocol, or sends bytes that are not those asked for.</summary>
public sealed class RegistryProtocolException : RegistryException
{
    internal RegistryProtocolException(RegistryCall call, string problem, Exception? innerException = null)
        : base("WCL4005", call, problem, innerException)
    {
    }
}

/// <summary>What is wrong with a connection.</summary>
public enum ConnectionFailure
{
    /// <summary>It could not be made, or was lost.</summary>
    Other,

    /// <summary>The server's TLS certificate or handshake is not acceptable.</summary>
    NotTrusted,

    /// <summary>What the server answers is not HTTP.</summary>
    NotHttp,

    /// <summary>It was not made: a registry, or a layer's <c>urls</c>, lead into this machine or its networks.</summary>
    AddressRefused,
}

/// <summary>The registry could not be reached, or the connection was lost, and repeating did not help.</summary>
public sealed class RegistryUnreachableException : RegistryException
{
    internal RegistryUnreachableException(RegistryCall call, string problem, Exception? innerException = null, string? remedy = null)
        : base("WCL4006", call, problem, innerException) => Remedy = remedy;

    /// <summary>What is wrong with the connection.</summary>
    public ConnectionFailure Failure { get; internal init; }

    /// <summary>Whether nobody listens there.</summary>
    internal bool IsRefused { get; init; }

    /// <summary>Whether nobody ever did, as far as this client knows: a wrong port rather than a restart, not worth long waits.</summary>
    internal bool NeverAnswered { get; set; }
}

/// <summary>The registry answered with a failure of its own, and repeating did not help.</summary>
public sealed class RegistryServerException : RegistryException
{
    internal RegistryServerException(RegistryCall call, string problem)
        : base("WCL4007", call, problem)
    {
    }
}

/// <summary>The registry does not do what it was asked for: deleting is switched off there, or tags are not deleted alone.</summary>
public sealed class RegistryUnsupportedException : RegistryException
{
    internal RegistryUnsupportedException(RegistryCall call, string problem, string remedy)
        : base("WCL4010", call, problem) =>
        Remedy = remedy;

    /// <summary>Whether it was a tag that was to go: its manifest may go where a tag alone does not.</summary>
    public bool IsOfTag { get; internal init; }
}

/// <summary>A layer's <c>urls</c> could not be used: refused by a rule, or none of them gave the bytes.</summary>
public sealed class ForeignLayerException : RegistryException
{
    internal ForeignLayerException(RegistryCall call, string problem, Exception? innerException = null)
        : base("WCL4008", call, problem, innerException) =>
        Remedy = "Copy the image with its foreign layers to a registry of your own and use that as the mirror.";
}
