using System.Buffers;
using Microsoft.Extensions.Logging;
using Polly;
using WinLayers.Formats;
using WinLayers.Formats.IO;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Registries.Blobs;

/// <summary>Asks for a blob from an offset on; the tag is that of the part before.</summary>
internal delegate Task<BlobAnswer> BlobOpener(long offset, string? entityTag, CancellationToken cancellationToken);

/// <summary>
/// A blob's bytes as one unbroken stream. When the connection is lost or stalls, the blob is asked for again from where it broke; when
/// the server
/// then starts at the beginning, what was delivered before is passed over. So whoever reads can go on hashing. The stream ends at
/// exactly the blob's size, or throws.
/// </summary>
internal sealed partial class ResumingBlobStream : ReadOnlyStream
{
    // A server that breaks off again and again must not keep us for ever; a slow but honest way through a layer of gigabytes may break
    // often. The size is the server's word, so that there is an end whatever it says.
    private const int BaseBreaks = 32;
    private const int MaxBreaks = 1024;
    private const long BytesPerBreak = 16 << 20;

    // A connection that brought less is as good as one that was refused: the next has to wait, and so many in a row are enough.
    private const long TinyProgress = 64 << 10;
    private const int MaxTinyBreaks = BaseBreaks;

    private const int MaxBlockingRead = 256 << 10;

    private readonly BlobOpener _open;
    private readonly RegistryCall _call;
    private readonly ResiliencePipeline _retry;
    private readonly RegistryOptions _options;
    private readonly ILogger _logger;
    private readonly StallWatch _watch;
    private readonly long _size;
    private readonly CancellationToken _stop;
    private readonly byte[] _skipBuffer = new byte[16 << 10];
    private BlobAnswer? _answer;
    private Stream? _body;
    private long _position;
    private string? _entityTag;
    private long _connectedAt;
    private int _breaks;
    private int _tinyBreaks;
    private bool _ended;
    private bool _disposed;

    private ResumingBlobStream(
        BlobOpener open, RegistryCall call, Descriptor blob, long offset, ResiliencePipeline retry, RegistryOptions options, ILogger logger,
        CancellationToken stop)
    {
        _open = open;
        _call = call;
        _size = blob.Size;
        _position = offset;
        _retry = retry;
        _options = options;
        _logger = logger;
        _watch = new StallWatch(options);
        _stop = stop;
    }

    /// <summary>Opens the blob, so that its absence is known now.</summary>
    public static async Task<Stream> OpenAsync(
        BlobOpener open, RegistryCall call, Descriptor blob, long offset, ResiliencePipeline retry, RegistryOptions options, ILogger logger,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Size);
        var stream = new ResumingBlobStream(open, call, blob, offset, retry, options, logger, cancellationToken);
        try
        {
            // From its end on there is nothing to ask for, and a range that starts there would be refused.
            if (offset == blob.Size && offset > 0)
                stream._ended = true;
            else
                await retry.ExecuteAsync(async token => await stream.ConnectAsync(token).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_ended || buffer.IsEmpty)
            return 0;
        try
        {
            return await ReadOnceAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryUnreachableException e) when (e.IsTransient)
        {
            LogResuming(_logger, e.Message, _position, _size);
            return await ResumeAsync(buffer, e, cancellationToken).ConfigureAwait(false);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        // Parsers of layers read on threads of their own, which may wait; what stops them is what stopped the opening.
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, MaxBlockingRead));
        try
        {
            int wanted = Math.Min(buffer.Length, bytes.Length);
            int count = ReadAsync(bytes.AsMemory(0, wanted), _stop).AsTask().GetAwaiter().GetResult();
            bytes.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Disconnect();
            _watch.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<int> ResumeAsync(Memory<byte> buffer, RegistryUnreachableException first, CancellationToken cancellationToken) =>
        await _retry.ExecuteAsync(
            async token =>
            {
                await CountBreakAsync(first, token).ConfigureAwait(false);
                if (_body is null)
                    await ConnectAsync(token).ConfigureAwait(false);
                return await ReadOnceAsync(buffer, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private async Task CountBreakAsync(RegistryUnreachableException first, CancellationToken cancellationToken)
    {
        _tinyBreaks = _position - _connectedAt < TinyProgress ? _tinyBreaks + 1 : 0;
        if (++_breaks > Math.Min(MaxBreaks, BaseBreaks + (_size / BytesPerBreak)) || _tinyBreaks > MaxTinyBreaks)
        {
            throw new RegistryUnreachableException(_call,
                $"the connection was lost {_breaks} times, the last time at byte {_position} of {_size}", first);
        }

        // The first in a row may be chance.
        if (_tinyBreaks <= 1)
            return;
        double wait = _options.RetryDelay.TotalSeconds * Math.Pow(2, _tinyBreaks - 2);
        TimeSpan longest = _options.MaxRetryDelay;
        await Task.Delay(wait < longest.TotalSeconds ? TimeSpan.FromSeconds(wait) : longest, _options.TimeProvider, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Disconnect();
        _connectedAt = _position;
        _answer = await _open(_position, _entityTag, cancellationToken).ConfigureAwait(false);
        _entityTag = _answer.EntityTag;
        _watch.Restart();
        await GuardAsync(
            async () =>
            {
                _body = await _answer.OpenAsync(cancellationToken).ConfigureAwait(false);
                await SkipAsync(_position - _answer.StartsAt, cancellationToken).ConfigureAwait(false);
                return 0;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            int read = await _watch.ReadAsync(_body!, _skipBuffer.AsMemory(0, (int)Math.Min(count, _skipBuffer.Length)), cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException();
            count -= read;
        }
    }

    private Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            if (_body is null)
                throw new EndOfStreamException();
            long left = _size - _position;
            if (left == 0)
                return await EndAsync(_body, cancellationToken).ConfigureAwait(false);
            int read = await _watch.ReadAsync(_body, buffer[..(int)Math.Min(left, buffer.Length)], cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException();
            _position += read;
            return read;
        },
        cancellationToken);

    // Every byte is here; what is left to learn is that no more come. A connection lost now is no loss.
    private async Task<int> EndAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            if (await _watch.ReadAsync(body, _skipBuffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) > 0)
                throw new RegistryProtocolException(_call, $"it sends more than the {_size} bytes that the manifest gives the blob");
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or IOException and not WinLayersException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogBrokenAtEnd(_logger, _call.Operation);
        }

        _ended = true;
        return 0;
    }

    // Whatever breaks the connection makes the next attempt start from a new one.
    private async Task<int> GuardAsync(Func<Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or IOException and not WinLayersException)
        {
            Disconnect();
            cancellationToken.ThrowIfCancellationRequested();
            string problem = e is TimeoutException ? "it stalled" : "the connection was lost";
            throw new RegistryUnreachableException(_call, $"{problem} at byte {_position} of {_size}", e) { IsTransient = true };
        }
    }

    private void Disconnect()
    {
        _body?.Dispose();
        _body = null;
        _answer?.Dispose();
        _answer = null;
    }

    [LoggerMessage(LogLevel.Warning, "{Problem} Resuming at byte {Position} of {Size}.")]
    private static partial void LogResuming(ILogger logger, string problem, long position, long size);

    [LoggerMessage(LogLevel.Debug, "The connection broke after the last byte of {Operation}.")]
    private static partial void LogBrokenAtEnd(ILogger logger, string operation);
}
