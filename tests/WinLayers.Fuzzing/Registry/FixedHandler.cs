using System.Net;

namespace WinLayers.Fuzzing.Registry;

/// <summary>Answers every request with one answer, at once: nothing goes over a network.</summary>
internal sealed class FixedHandler : HttpMessageHandler
{
    public byte[] Body { get; set; } = [];

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Answer(request);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(request));

    private HttpResponseMessage Answer(HttpRequestMessage request) =>
        new(HttpStatusCode.OK) { RequestMessage = request, Content = new ByteArrayContent(Body) };
}
