using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace WinLayers.Testing.Registries;

/// <summary>A network of any hosts, without sockets: answers by script and keeps everything that each origin was sent.</summary>
internal sealed class ScriptedHandler(Func<Uri, HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<(Uri Uri, string Everything)> _sent = new();

    public IReadOnlyList<(Uri Uri, string Everything)> Sent => [.. _sent];

    /// <summary>Everything that was sent to any origin but these.</summary>
    public string SentOutside(params string[] origins) =>
        string.Join('\n', Sent.Where(s => !origins.Contains(s.Uri.GetLeftPart(UriPartial.Authority))).Select(s => s.Everything));

    public static HttpResponseMessage Reply(int status, string body = "", string type = "application/json",
        params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) };
        foreach ((string name, string value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    public static HttpResponseMessage Bytes(byte[] bytes) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) };

    public static HttpResponseMessage Redirect(string location, int status = 307) => Reply(status, headers: ("Location", location));

    public static HttpResponseMessage Challenge(string challenge) => Reply(401, headers: ("WWW-Authenticate", challenge));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        _sent.Enqueue((request.RequestUri!, $"{request.Method} {request.RequestUri} {request.Headers} {body}"));
        HttpResponseMessage response = answer(request.RequestUri!, request);
        response.RequestMessage = request;
        return response;
    }
}
