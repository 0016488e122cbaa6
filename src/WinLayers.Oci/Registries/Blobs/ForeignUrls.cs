using System.Net.Security;
using Microsoft.Extensions.Logging;
using Polly;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries.Transport;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>
/// Fetches layers from their <c>urls</c>, which anyone who can push an image chooses. So: foreign media types alone, five URLs at most,
/// https unless
/// allowed otherwise, no address inside this machine's networks, no credentials, and no answer to a challenge.
/// </summary>
internal sealed class ForeignUrls : IDisposable
{
    internal const int MaxUrls = 5;

    private readonly RegistryOptions _options;
    private readonly HttpClient _http;
    private readonly RedirectFollower _redirects;
    private readonly ResiliencePipeline _retry;
    private readonly ILogger _logger;

    public ForeignUrls(RegistryOptions options, SslClientAuthenticationOptions tls, ILogger logger)
    {
        _options = options;
        var guard = new ConnectionGuard(options, static () => AddressReach.Public);
        _http = Connections.ForForeignUrls(options, tls, guard.ConnectAsync);
        _redirects = new RedirectFollower(SendAsync, options.AllowHttpUrls);
        _retry = RetryPolicy.Create(options, Math.Min(options.Retries, 2), logger);
        _logger = logger;

        async Task<HttpResponseMessage> SendAsync(RegistryEndpoint endpoint, HttpRequestMessage message, CancellationToken token)
        {
            await guard.RefuseUnseenAsync(message.RequestUri!, token).ConfigureAwait(false);
            return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a blob may be looked for at its <c>urls</c>.</summary>
    public static bool CanHave(Descriptor blob) => MediaTypes.IsForeign(blob.MediaType) && blob.Urls.Count > 0;

    /// <summary>Opens the blob at the first URL that has it.</summary>
    /// <exception cref="ForeignLayerException">No URL may be used, or none gives the blob; it says what each gave.</exception>
    public async Task<Stream> OpenAsync(RegistryCall asked, Descriptor blob, long offset, RegistryException cause,
        CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        if (blob.Urls.Count > MaxUrls)
            failures.Add($"of {blob.Urls.Count} URLs {MaxUrls} are tried");
        foreach (string text in blob.Urls.Take(MaxUrls))
        {
            if (Refusal(text, out Uri? uri) is { } refusal)
            {
                failures.Add(refusal);
                continue;
            }

            RegistryCall call = asked with { Registry = uri!.Authority };
            try
            {
                return await ResumingBlobStream.OpenAsync(
                    (from, tag, token) =>
                        AskAsync(call, uri, blob, from, tag, token), call, blob, offset, _retry, _options, _logger, cancellationToken)
                        .ConfigureAwait(false);
            }
            catch (RegistryException e)
            {
                failures.Add($"{uri.Authority}: {e.Problem}");
            }
        }

        throw new ForeignLayerException(asked, $"the registry does not give it, and of its foreign URLs {string.Join("; ", failures)}",
            cause);
    }

    public void Dispose() => _http.Dispose();

    private async Task<BlobAnswer> AskAsync(RegistryCall call, Uri uri, Descriptor blob, long offset, string? entityTag,
        CancellationToken cancellationToken)
    {
        var request = new RegistryRequest
        {
            Call = call,
            Endpoint = new RegistryEndpoint { Name = uri.Authority, Origin = new Uri(uri.GetLeftPart(UriPartial.Authority)) },
            Method = HttpMethod.Get,
            Uri = uri,
            Scopes = [],
            Headers = BlobAnswer.RangeHeaders(offset, entityTag),
        };
        RedirectedResponse answer = await Deadline.RunAsync(
            call, _options.ResponseTimeout, _options.TimeProvider, token =>
                _redirects.SendAsync(request, authorization: null, token), cancellationToken).ConfigureAwait(false);
        if (answer.Response.IsSuccessStatusCode)
            return BlobAnswer.Check(answer.Response, call, blob, offset);
        using (answer.Response)
        {
            throw await Deadline.RunAsync(
                call,
                _options.ResponseTimeout,
                _options.TimeProvider,
                token => ResponseFailure.FromAsync(call, answer with { IsForeign = true }, new SentSecrets(), _options.TimeProvider, token),
                cancellationToken).ConfigureAwait(false);
        }
    }

    private string? Refusal(string text, out Uri? uri)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            return "one is not an http or https URL";
        if (uri.UserInfo.Length > 0)
            return $"{uri.Authority}: holds a user name";
        return uri.Scheme == Uri.UriSchemeHttp && !_options.AllowHttpUrls ? $"{uri.Authority}: http is not allowed" : null;
    }
}
