using WinLayers.Oci.Digests;

namespace WinLayers.Transport;

/// <summary>
/// A layer's tar in the making: a file that appears under its name only when it is whole, with the digest of its bytes, which is the layer's
/// DiffID. Disposing it unpublished leaves no file.
/// </summary>
public sealed class LayerTarFileStream : Stream
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly ContentHash _hash = new();
    private readonly CancellationToken _cancellationToken;
    private bool _isPublished;

    /// <summary>Starts the file beside the place that it will have.</summary>
    /// <param name="path">Its name when it is whole.</param>
    /// <param name="cancellationToken">Stops writing: what exports a layer writes synchronously.</param>
    public LayerTarFileStream(string path, CancellationToken cancellationToken = default)
    {
        _path = Path.GetFullPath(path);
        _partial = $"{_path}.{Guid.NewGuid():N}.partial";
        _file = new FileStream(_partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        _cancellationToken = cancellationToken;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _hash.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _hash.Length;
        set => throw new NotSupportedException("The file is only written forward.");
    }

    /// <summary>Gives the file its name.</summary>
    /// <returns>The digest of what was written.</returns>
    /// <exception cref="IOException">Something has the name already, or the disk failed.</exception>
    public Digest Publish()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_partial, _path, overwrite: false);
        _isPublished = true;
        return _hash.Current();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _hash.Append(buffer);
        _file.Write(buffer);
    }

    /// <inheritdoc/>
    public override void Flush() => _file.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The file is only written forward.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The file is only written forward.");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("The file is only written forward.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _hash.Dispose();
            if (!_isPublished)
                File.Delete(_partial);
        }

        base.Dispose(disposing);
    }
}
