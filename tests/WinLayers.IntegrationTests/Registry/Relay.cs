using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>Stands between the command and a registry: counts what comes down, holds it up, or cuts what goes up.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _requests = new();
    private readonly int _port;
    private long _down;
    private long _up;
    private int _cuts;

    public Relay(RealRegistry registry)
    {
        _port = registry.Port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>After so many bytes over one connection nothing more comes down over it until <see cref="Release"/>.</summary>
    public long HoldAfter { get; init; } = long.MaxValue;

    /// <summary>After so many bytes went up the connection is cut, once.</summary>
    public long CutAfter { get; init; } = long.MaxValue;

    /// <summary>Done before the connection is cut.</summary>
    public Action? OnCut { get; init; }

    public long BytesDown => Interlocked.Read(ref _down);

    public bool IsHolding { get; private set; }

    public bool HasCut => Volatile.Read(ref _cuts) > 0;

    /// <summary>What was sent up, as text.</summary>
    public string Requests
    {
        get
        {
            lock (_requests)
                return _requests.ToString();
        }
    }

    public void Release() => _released.TrySetResult();

    public void Dispose()
    {
        _listener.Dispose();
        _released.TrySetResult();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port);
                await Task.WhenAny(UpAsync(client, server), DownAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Whoever reads on either side sees the connection end.
            }
        }
    }

    private async Task UpAsync(TcpClient from, TcpClient to)
    {
        byte[] buffer = new byte[64 << 10];
        while (await from.GetStream().ReadAsync(buffer) is var count and > 0)
        {
            lock (_requests)
                _requests.Append(Encoding.Latin1.GetString(buffer, 0, Math.Min(count, 4096)));
            if (Interlocked.Add(ref _up, count) > CutAfter && Interlocked.Increment(ref _cuts) == 1)
            {
                OnCut?.Invoke();
                from.Client.LingerState = new LingerOption(enable: true, seconds: 0);
                return;
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task DownAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[64 << 10];
        long own = 0;
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            Interlocked.Add(ref _down, count);
            if ((own += count) > HoldAfter)
            {
                IsHolding = true;
                await _released.Task;
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
