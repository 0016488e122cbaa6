using System.Net;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>A request that can be made again: each attempt builds its own message from it.</summary>
internal sealed record RegistryRequest
{
    /// <summary>What it is for, in errors.</summary>
    public required RegistryCall Call { get; init; }

    /// <summary>Who is asked; credentials go to its origin alone.</summary>
    public required RegistryEndpoint Endpoint { get; init; }

    /// <summary>The method.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>Where to; an upload's place may be on another origin than the endpoint's.</summary>
    public required Uri Uri { get; init; }

    /// <summary>What a token has to allow.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Whether it asks if credentials are good: an anonymous token is no answer to that.</summary>
    public bool ProvesCredential { get; init; }

    /// <summary>The media types to accept.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>More headers, sent to whomever a redirect leads to as well. Nothing secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Makes the body; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>
    /// How long the answer may take once the body, a <see cref="WatchedContent"/>, has gone; null for a request that is answered at once.
    /// </summary>
    public TimeSpan? AnswerLimit { get; init; }

    /// <summary>Told how much of the body is still to go.</summary>
    public Action<int>? Left { get; init; }

    /// <summary>Statuses beside 2xx that the caller understands.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    /// <summary>The message for one hop.</summary>
    public HttpRequestMessage ToMessage(HttpMethod method, Uri uri)
    {
        var message = new HttpRequestMessage(method, uri);
        foreach (string type in Accept)
            message.Headers.TryAddWithoutValidation("Accept", type);
        foreach ((string name, string value) in Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        message.Content = Content?.Invoke();
        if (message.Content is WatchedContent watched)
        {
            watched.Left = Left;
            Left?.Invoke(watched.Length);
        }

        return message;
    }
}
