using System.Net;
using System.Net.Http.Headers;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Sends a message on behalf of an endpoint, without following redirects; the answer's body is unread.</summary>
internal delegate Task<HttpResponseMessage> SendOneHop(
    RegistryEndpoint endpoint, HttpRequestMessage message, CancellationToken cancellationToken);

/// <summary>
/// Follows redirects by hand, so that an Authorization header is gone for good once a hop leaves the first origin, and so
/// that no hop falls from TLS to plain HTTP unless that is allowed. Each hop is sent by <paramref name="send"/>.
/// </summary>
internal sealed class RedirectFollower(SendOneHop send, bool allowDowngrade)
{
    internal const int MaxRedirects = 10;

    /// <summary>Sends and follows; the answer is the last hop's, its body unread. Belongs to the caller.</summary>
    public async Task<RedirectedResponse> SendAsync(
        RegistryRequest request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        Uri uri = request.Uri;
        bool leftOrigin = false;
        for (int hop = 0; ; hop++)
        {
            HttpResponseMessage response;
            using (HttpRequestMessage message = request.ToMessage(request.Method, uri))
            {
                if (!leftOrigin)
                    message.Headers.Authorization = authorization;
                response = await send(request.Endpoint, message, cancellationToken).ConfigureAwait(false);
            }

            if (!IsRedirect(response.StatusCode, request.Method))
                return new RedirectedResponse(response, uri, leftOrigin) { IsForeign = !request.Endpoint.Owns(uri) };
            using (response)
            {
                Uri next = Next(request.Call, uri, response.Headers.Location);
                if (hop == MaxRedirects)
                    throw new RegistryProtocolException(request.Call, $"it redirects more than {MaxRedirects} times");
                if (uri.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp && !allowDowngrade)
                    throw new RegistryProtocolException(request.Call,
                        $"it redirects from https to http at {next.Authority}, which is not allowed");
                leftOrigin |= !RegistryEndpoint.SameOrigin(uri, next);
                uri = next;
            }
        }
    }

    /// <summary>The absolute URL that a Location header names.</summary>
    public static Uri Next(RegistryCall call, Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out Uri? next))
            throw new RegistryProtocolException(call, "its answer lacks a usable Location");
        if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttp)
            throw new RegistryProtocolException(call, $"it redirects to the scheme '{next.Scheme}'");
        if (next.UserInfo.Length > 0)
            throw new RegistryProtocolException(call, "it redirects to a URL with a user name in it");
        return next;
    }

    // 301 and 302 turn other methods into GET in browsers and lose the body; for those only 307 and 308 are redirects.
    private static bool IsRedirect(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => true,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther =>
            method == HttpMethod.Get || method == HttpMethod.Head,
        _ => false,
    };
}

/// <summary>The answer after redirects.</summary>
/// <param name="Response">The answer, its body unread.</param>
/// <param name="Uri">Where it came from.</param>
/// <param name="LeftOrigin">Whether a hop left the first origin: then no credentials went along, and no challenge is answered.</param>
internal readonly record struct RedirectedResponse(HttpResponseMessage Response, Uri Uri, bool LeftOrigin)
{
    /// <summary>Whether it is not the asked endpoint that speaks: a redirect led elsewhere, or the place of an upload is there.</summary>
    public bool IsForeign { get; init; }
}
