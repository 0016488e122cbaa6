namespace WinLayers.Oci.Registries.Blobs;

/// <summary>
/// Notices a download that drips. Only the time spent waiting for the network counts, in windows: one that brought fewer bytes than the
/// least rate
/// asks for is a stall, however regularly they came.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _window;
    private readonly long _minBytes;
    private readonly TimeProvider _clock;
    private CancellationTokenSource _timer;
    private TimeSpan _waited;
    private long _bytes;

    public StallWatch(RegistryOptions options)
    {
        _window = options.StallTimeout;
        _minBytes = Math.Max(1, (long)(options.MinBytesPerSecond * options.StallTimeout.TotalSeconds));
        _clock = options.TimeProvider;
        _timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
    }

    /// <summary>Reads once. </summary>
    /// <exception cref="TimeoutException">The window ended with too little.</exception>
    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        long start = _clock.GetTimestamp();
        if (!_timer.TryReset())
        {
            _timer.Dispose();
            _timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        }

        TimeSpan left = _window - _waited;
        _timer.CancelAfter(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
        int read;
        try
        {
            read = await stream.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stalled();
        }

        _waited += _clock.GetElapsedTime(start);
        _bytes += read;
        if (_waited >= _window || _bytes >= _minBytes)
        {
            if (_bytes < _minBytes && read > 0)
                throw Stalled();
            Restart();
        }

        return read;
    }

    /// <summary>Begins a new window.</summary>
    public void Restart()
    {
        _waited = TimeSpan.Zero;
        _bytes = 0;
    }

    public void Dispose() => _timer.Dispose();

    private TimeoutException Stalled() => new($"The download brought {_bytes} bytes in {_window.TotalSeconds:0.#} s.");
}
