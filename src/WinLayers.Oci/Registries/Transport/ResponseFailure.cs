using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>Turns statuses and transport failures into the registry's exceptions, and says which of them may pass.</summary>
internal static class ResponseFailure
{
    /// <summary>The exception for an answer that nobody expected.</summary>
    public static async Task<RegistryException> FromAsync(
        RegistryCall call, RedirectedResponse answer, SentSecrets secrets, TimeProvider clock, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = answer.Response;
        string who = answer.LeftOrigin ? $"{answer.Uri.Authority}, where it redirects to, answers" : "it answers";

        // Words of somebody else are not shown: a registry could have this machine read what it cannot read itself.
        string detail = answer.IsForeign ? "" : await ErrorBody.ReadAsync(response, secrets, cancellationToken).ConfigureAwait(false);
        string problem = $"{who} {Describe(response.StatusCode)}{(detail.Length == 0 ? "" : $" ({detail})")}";
        TimeSpan? retryAfter = RetryAfter(response.Headers, clock);
        HttpStatusCode status = response.StatusCode;
        return status switch
        {
            HttpStatusCode.Unauthorized => new RegistryAuthenticationException(call, problem, []) { Status = status },
            HttpStatusCode.Forbidden => new RegistryDeniedException(call, problem) { Status = status },
            HttpStatusCode.NotFound => new RegistryNotFoundException(call, problem) { Status = status },
            HttpStatusCode.TooManyRequests => new RegistryRateLimitedException(
                call, retryAfter is { } wait ? $"{problem} and asks to wait {wait.TotalSeconds:0} s" : problem, retryAfter)
            {
                Status = status,
                IsTransient = true,
            },
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new RegistryServerException(call, problem)
            {
                Status = status,
                IsTransient = status != HttpStatusCode.NotImplemented && status != HttpStatusCode.HttpVersionNotSupported,
                RetryAfter = retryAfter,
            },
            _ => new RegistryProtocolException(call, problem) { Status = status },
        };
    }

    /// <summary>The exception for a connection that could not be made or was lost, which is the cause.</summary>
    public static RegistryUnreachableException From(RegistryCall call, Exception cause)
    {
        bool permanent = false, refused = false;
        string problem = "the connection was lost";
        string? remedy = null;
        ConnectionFailure failure = ConnectionFailure.Other;
        for (Exception? e = cause; e is not null; e = e.InnerException)
        {
            if (e is AddressRefusedException)
            {
                permanent = true;
                problem = e.Message;
                remedy = "Allow private addresses if it is meant to lead there.";
                failure = ConnectionFailure.AddressRefused;
            }
            else if (e is AuthenticationException)
            {
                permanent = true;
                problem = $"its TLS certificate or handshake is not acceptable: {e.Message.TrimEnd('.')}";
                remedy = "Trust the certificate authority where it is one of your own, or allow HTTP without TLS " +
                    "where the registry speaks nothing else.";
                failure = ConnectionFailure.NotTrusted;
            }
            else if (e is SocketException socket)
            {
                permanent = socket.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData;
                refused = socket.SocketErrorCode == SocketError.ConnectionRefused;
                problem = Describe(socket.SocketErrorCode);
                remedy = "Check the registry's name and port, and the proxy variables.";
            }
        }

        if (cause is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse })
        {
            problem = "what it answers is not HTTP";
            remedy = "Check the port, and whether the registry wants TLS: then do not ask for plain HTTP.";
            failure = ConnectionFailure.NotHttp;
        }

        return new RegistryUnreachableException(call, problem, cause, remedy)
        {
            IsTransient = !permanent,
            IsRefused = refused,
            Failure = failure
        };
    }

    /// <summary>The exception for an answer that did not come in time.</summary>
    public static RegistryUnreachableException Timeout(RegistryCall call, TimeSpan after, Exception? cause) =>
        new(call, $"no answer within {after.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s", cause) { IsTransient = true };

    /// <summary><c>404 Not Found</c>; the number alone for a status without a name.</summary>
    internal static string Describe(HttpStatusCode status)
    {
        string name = status.ToString();
        string spaced =
            string.Concat(
            name.Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterUpper(name[i - 1]) ? $" {c}" : $"{c}"));
        return char.IsAsciiDigit(name[0]) ? name : $"{(int)status} {spaced}";
    }

    private static string Describe(SocketError error) => error switch
    {
        SocketError.HostNotFound or SocketError.NoData => "its host name is not known",
        SocketError.TryAgain => "its host name could not be looked up",
        SocketError.ConnectionRefused => "it refuses the connection",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "the network does not lead there",
        SocketError.TimedOut => "it does not answer",
        SocketError.ConnectionReset => "it broke the connection off",
        _ => $"the connection failed ({error})",
    };

    // The framework reads seconds up to int.MaxValue and passes over larger numbers, which would make the longest wait none.
    private static TimeSpan? RetryAfter(HttpResponseHeaders headers, TimeProvider clock)
    {
        RetryConditionHeaderValue? header = headers.RetryAfter;
        if (header is null)
            return SecondsBeyondAnyCount(headers) ? TimeSpan.FromSeconds(int.MaxValue) : null;
        TimeSpan? wait = header.Delta ?? header.Date - clock.GetUtcNow();
        return wait is { } value && value < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool SecondsBeyondAnyCount(HttpResponseHeaders headers) =>
        headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values)
        && values.FirstOrDefault()?.Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);
}
