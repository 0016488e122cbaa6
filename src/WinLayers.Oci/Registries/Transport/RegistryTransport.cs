using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Polly;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>
/// Sends requests to registries: credentials where they belong, redirects followed by hand, answers turned into exceptions,
/// and what failed in passing repeated.
/// </summary>
internal sealed partial class RegistryTransport
{
    private readonly RegistryOptions _options;
    private readonly IRequestAuthenticator _authenticator;
    private readonly SentSecrets _secrets;
    private readonly RedirectFollower _redirects;
    private readonly ResiliencePipeline _retry;
    private readonly ResiliencePipeline _mirrorRetry;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Uri, byte> _answered = new();

    public RegistryTransport(RegistryOptions options, SendOneHop send, IRequestAuthenticator authenticator, SentSecrets secrets,
        ILogger logger)
    {
        _options = options;
        _authenticator = authenticator;
        _secrets = secrets;
        _redirects = new RedirectFollower(send, options.AllowHttpUrls);
        _logger = logger;
        _retry = RetryPolicy.Create(options, options.Retries, logger);

        // Behind a mirror stands the registry itself: one repetition is worth it, a long wait is not.
        _mirrorRetry = RetryPolicy.Create(options, Math.Min(options.Retries, 1), logger);
    }

    /// <summary>What repeats requests when it is not known yet who will answer.</summary>
    public ResiliencePipeline Retry => _retry;

    /// <summary>What repeats requests to this endpoint.</summary>
    public ResiliencePipeline RetryFor(RegistryEndpoint endpoint) => endpoint.IsMirror ? _mirrorRetry : _retry;

    /// <summary>
    /// Sends, lets <paramref name="read"/> take what it needs from the answer, and repeats both together where that may help.
    /// </summary>
    public async Task<T> ExecuteAsync<T>(
        RegistryRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        await RetryFor(request.Endpoint).ExecuteAsync(
            async token => await ExecuteOnceAsync(request, read, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>The same, once.</summary>
    public async Task<T> ExecuteOnceAsync<T>(
        RegistryRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        return await InTimeAsync(request.Call, token => read(response, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends once, answering a challenge on the way. The answer's body is unread; it belongs to the caller.</summary>
    /// <exception cref="RegistryException">The answer is neither a success nor expected by the request.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        bool mayAuthorize = request.Endpoint.Owns(request.Uri);
        for (bool challenged = false; ; challenged = true)
        {
            AuthenticationHeaderValue? authorization = mayAuthorize
                ? await _authenticator.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false)
                : null;
            RedirectedResponse answer;
            try
            {
                answer = await SendAsync(request, authorization, cancellationToken).ConfigureAwait(false);
            }
            catch (RegistryUnreachableException e) when (e.IsRefused)
            {
                e.NeverAnswered = !_answered.ContainsKey(request.Endpoint.Origin);
                throw;
            }

            _answered.TryAdd(request.Endpoint.Origin, 0);
            HttpResponseMessage response = answer.Response;
            if (_logger.IsEnabled(LogLevel.Debug))
                LogAnswer(_logger, request.Method, PathOf(answer), _secrets.Redact(answer.Uri.Authority), (int)response.StatusCode);
            if (response.IsSuccessStatusCode || request.Expected.Contains(response.StatusCode))
                return response;
            using (response)
            {
                bool answerable = response.StatusCode == HttpStatusCode.Unauthorized && mayAuthorize && !answer.LeftOrigin;
                if (!answerable)
                {
                    throw await InTimeAsync(
                        request.Call,
                        token => ResponseFailure.FromAsync(request.Call, answer, _secrets, _options.TimeProvider, token),
                        cancellationToken).ConfigureAwait(false);
                }

                await _authenticator.AnswerAsync(request, response, authorization, lastChance: challenged, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    // Elsewhere a path may be what lets its holder in, as a query may.
    private static string PathOf(RedirectedResponse answer) => answer.IsForeign ? "/…" : answer.Uri.AbsolutePath;

    // No limit suits a body of any size on any line: while it goes, something has to go; then the registry may take its time.
    private async Task<RedirectedResponse> SendAsync(RegistryRequest request, AuthenticationHeaderValue? authorization,
        CancellationToken cancellationToken)
    {
        if (request.AnswerLimit is not { } answerLimit)
            return await InTimeAsync(request.Call, token => _redirects.SendAsync(request, authorization, token), cancellationToken)
                .ConfigureAwait(false);
        TimeSpan standstill = TimeSpan.FromTicks(Math.Max(_options.StallTimeout.Ticks, _options.ResponseTimeout.Ticks));
        return await Deadline.RunAsync(
            request.Call,
            standstill,
            _options.TimeProvider,
            (extend, token) =>
                _redirects.SendAsync(request with { Left = left => extend(left == 0 ? answerLimit : standstill) }, authorization, token),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> InTimeAsync<T>(RegistryCall call, Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        await Deadline.RunAsync(call, _options.ResponseTimeout, _options.TimeProvider, action, cancellationToken).ConfigureAwait(false);

    [LoggerMessage(LogLevel.Debug, "{Method} {Path} at {Host}: {Status}")]
    private static partial void LogAnswer(ILogger logger, HttpMethod method, string path, string host, int status);
}
