using System.Globalization;
using System.Net;
using System.Text;

namespace WinLayers.Fuzzing.Registry;

/// <summary>
/// Answers from a script, at once: a line with the status, lines of headers, an empty line and the body, then after a NUL the next
/// answer. Once the script is at
/// its end, what was asked for is not there.
/// </summary>
internal sealed class ScriptedHandler(byte[] script) : HttpMessageHandler
{
    private readonly List<Uri> _asked = [];
    private int _at;

    public IReadOnlyList<Uri> Asked => _asked;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Answer(request);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(request));

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        _asked.Add(request.RequestUri!);
        if (_at >= script.Length)
            return new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = new ByteArrayContent([]) };
        int length = script.AsSpan(_at).IndexOf((byte)0);
        Span<byte> answer = script.AsSpan(_at, length < 0 ? script.Length - _at : length);
        _at += answer.Length + 1;

        int end = answer.IndexOf("\n\n"u8);
        string[] head = Encoding.Latin1.GetString(end < 0 ? answer : answer[..end]).Split('\n');
        var response =
            new HttpResponseMessage(StatusOf(head[0]))
            {
                RequestMessage = request,
                Content = new ByteArrayContent(end < 0 ? [] : answer[(end + 2)..].ToArray())
            };
        foreach (string line in head.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && !response.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 1)..].Trim()))
                response.Content.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 1)..].Trim());
        }

        return response;
    }

    // Whatever else a server sends in place of a status never passes the framework.
    private static HttpStatusCode StatusOf(string line) =>
        int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            && status is >= 200 and <= 999 ? (HttpStatusCode)status : HttpStatusCode.OK;
}
