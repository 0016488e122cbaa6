using WinLayers.Formats.IO;
using WinLayers.Oci.Content;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Unpacking;

/// <summary>
/// A blob on its way from a source into the store, which can be read while it grows: so unpacking starts with the first bytes, and a
/// layer that has to wait for its parent does not hold its download up.
/// </summary>
internal sealed class BlobDownload : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop;
    private readonly BlobWriter _writer;
    private readonly Descriptor _blob;
    private long _written;
    private bool _ended;

    private BlobDownload(BlobWriter writer, Descriptor blob, CancellationTokenSource stop)
    {
        _writer = writer;
        _blob = blob;
        _stop = stop;
        _written = writer.Offset;
        Completion = Task.CompletedTask;
    }

    /// <summary>Ends when the blob is in the store, verified, or with why it is not.</summary>
    public Task Completion { get; private set; }

    /// <summary>Bytes that are here.</summary>
    public long BytesWritten => Volatile.Read(ref _written);

    /// <summary>Starts to fetch the blob, from where an earlier run left off; null where the store has it.</summary>
    public static async Task<BlobDownload?> StartAsync(
        BlobStore store, IImageSource source, Descriptor blob, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        BlobWriter? writer = await store.BeginWriteAsync(blob, cancellationToken).ConfigureAwait(false);
        if (writer is null)
            return null;
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var download = new BlobDownload(writer, blob, stop);
        download.Completion = Task.Run(() => download.FetchAsync(source, slots, stop.Token), CancellationToken.None);
        return download;
    }

    /// <summary>Reads the blob as it comes. Its end is reported only when the whole blob is verified and in the store.</summary>
    public Stream OpenFollower(CancellationToken cancellationToken) => new Follower(this, cancellationToken);

    /// <summary>Stops fetching; what is here stays for the next run.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task FetchAsync(IImageSource source, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        try
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await BlobFetcher.CopyAsync(source, _writer, _blob, new Growth(this), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }

            _writer.Commit();
        }
        finally
        {
            lock (_gate)
            {
                _ended = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until there are bytes beyond the position; false at the verified end.</summary>
    private bool WaitBeyond(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (_written <= position && !_ended)
                Monitor.Wait(_gate);
            if (_written > position)
                return true;
        }

        cancellationToken.ThrowIfCancellationRequested();
        Completion.GetAwaiter().GetResult(); // ended: this throws what it ended with, and waits for nothing else
        return false;
    }

    private sealed class Growth(BlobDownload download) : IProgress<long>
    {
        public void Report(long value)
        {
            lock (download._gate)
            {
                download._written = value;
                Monitor.PulseAll(download._gate);
            }
        }
    }

    private sealed class Follower(BlobDownload download, CancellationToken cancellationToken) : ReadOnlyStream
    {
        private long _position;

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty || !download.WaitBeyond(_position, cancellationToken))
                return 0;
            int ready = (int)Math.Min(buffer.Length, download.BytesWritten - _position);
            int count = download._writer.Read(buffer[..ready], _position);
            _position += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The stages of a pipeline are threads; this stream blocks.");
    }
}
