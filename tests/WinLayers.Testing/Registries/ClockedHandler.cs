using System.Net;
using System.Net.Http.Headers;
using WinLayers.Formats.IO;

namespace WinLayers.Testing.Registries;

/// <summary>The way to a <see cref="TestRegistry"/> without sockets; a <see cref="ManualClock"/> says how long it takes.</summary>
internal sealed class ClockedHandler(TestRegistry registry, ManualClock clock) : HttpMessageHandler
{
    private readonly List<TestRequest> _requests = [];

    public IReadOnlyList<TestRequest> Requests => _requests;

    /// <summary>How long each portion of a body takes on its way to the registry, as large as the client hands it over.</summary>
    public TimeSpan UploadTime { get; init; }

    /// <summary>How long the registry takes for an answer.</summary>
    public Func<TestRequest, TimeSpan> AnswerTime { get; init; } = _ => TimeSpan.Zero;

    public int Count(string method) => _requests.Count(request => request.Method == method);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var body = new SlowUpload(this, cancellationToken);
        if (request.Content is { } content)
            await content.CopyToAsync(body, cancellationToken);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (HttpHeaders? part in (HttpHeaders?[])[request.Headers, request.Content?.Headers])
        {
            foreach ((string name, IEnumerable<string> values) in part?.AsEnumerable() ?? [])
                headers[name] = string.Join(", ", values);
        }

        var seen = new TestRequest(request.Method.Method, request.RequestUri!.PathAndQuery, headers, body.ToArray());
        _requests.Add(seen);
        TestAnswer answer = registry.Answer(seen);
        do
            Pass(answer.IsSilent ? TimeSpan.FromMilliseconds(50) : AnswerTime(seen), cancellationToken);
        while (answer.IsSilent);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = answer.Drip is { } pause ? new StreamContent(new Drip(this, answer.Body, pause)) : new ByteArrayContent(answer.Body),
        };
        foreach ((string name, string value) in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    private void Pass(TimeSpan time, CancellationToken cancellationToken)
    {
        clock.Advance(time);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed class SlowUpload(ClockedHandler handler, CancellationToken cancellationToken) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken token = default)
        {
            handler.Pass(handler.UploadTime, cancellationToken);
            return base.WriteAsync(buffer, token);
        }
    }

    private sealed class Drip(ClockedHandler handler, byte[] bytes, TimeSpan pause) : ReadOnlyStream
    {
        private int _at;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            handler.Pass(pause, cancellationToken);
            if (buffer.Length == 0 || _at == bytes.Length)
                return 0;
            buffer.Span[0] = bytes[_at++];
            return 1;
        }
    }
}
