using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WinLayers.Testing.Registries;

/// <summary>
/// A small HTTP/1.1 server on a loopback port, on bare sockets so that it can cut, drip, lie about lengths and hang up exactly where a
/// test wants. It keeps every
/// request it sees.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<TestRequest, TestAnswer> _answer;
    private readonly ConcurrentQueue<TestRequest> _requests = new();
    private readonly Task _loop;

    public TestServer(Func<TestRequest, TestAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Host => $"127.0.0.1:{Port}";

    public string Url => $"http://{Host}";

    public IReadOnlyList<TestRequest> Requests => [.. _requests];

    public int Count(string method, string pathPart) =>
        Requests.Count(r => r.Method == method && r.Path.Contains(pathPart, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var stream = new BufferedStream(client.GetStream(), 16 << 10);
                while (await ReadRequestAsync(stream) is { } request)
                {
                    _requests.Enqueue(request);
                    if (!await SendAsync(stream, request, _answer(request)))
                    {
                        client.Client.LingerState = new LingerOption(enable: true, seconds: 0); // a reset, not an end
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }
    }

    private async Task<TestRequest?> ReadRequestAsync(Stream stream)
    {
        if (await ReadLineAsync(stream) is not { Length: > 0 } start)
            return null;
        string[] parts = start.Split(' ');
        if (parts.Length != 3)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(stream) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = line[..colon], value = line[(colon + 1)..].Trim();
            headers[name] = headers.TryGetValue(name, out string? before) ? $"{before}, {value}" : value;
        }

        byte[] body = [];
        if (headers.TryGetValue("Content-Length", out string? length))
        {
            body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body, _stop.Token);
        }

        return new TestRequest(parts[0], parts[1], headers, body);
    }

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        return null;
    }

    private async Task<bool> SendAsync(Stream stream, TestRequest request, TestAnswer answer)
    {
        await Task.Delay(answer.Delay, _stop.Token);
        if (answer.IsSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
            return false;
        }

        if (answer.IsHangUp)
            return false;
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Status\r\n");
        foreach ((string name, string value) in answer.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        bool hasLength = answer.Headers.Any(h => h.Name == "Content-Length");
        if (answer.IsChunked)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (!hasLength && answer.Status != 204)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.DeclaredLength ?? answer.Body.Length}\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        if (request.Method != "HEAD" && answer.Status != 204)
        {
            byte[] body = answer.CutAfter is { } cut ? answer.Body[..Math.Min(cut, answer.Body.Length)] : answer.Body;
            if (answer.Drip is { } pause)
            {
                foreach (byte b in body)
                {
                    await Task.Delay(pause, _stop.Token);
                    await stream.WriteAsync(new[] { b }, _stop.Token);
                    await stream.FlushAsync(_stop.Token);
                }
            }
            else if (answer.IsChunked && body.Length > 0)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), _stop.Token);
                await stream.WriteAsync(body, _stop.Token);
                await stream.WriteAsync("\r\n"u8.ToArray(), _stop.Token);
            }
            else
            {
                await stream.WriteAsync(body, _stop.Token);
            }

            if (answer.CutAfter is not null)
            {
                await stream.FlushAsync(_stop.Token);
                await Task.Delay(5, _stop.Token); // so that a reset does not overtake the bytes
                return false;
            }

            if (answer.IsChunked)
                await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _stop.Token);
        }

        await stream.FlushAsync(_stop.Token);
        return answer.DeclaredLength is null;
    }
}
