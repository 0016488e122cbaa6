using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Transport;

/// <summary>
/// A layer's tar in the making: a file that appears under its name only when it is whole, with the digest of its bytes, which is the
/// layer's
/// DiffID. Disposing it unpublished leaves no file.
/// </summary>
public sealed class LayerTarFileStream : Stream
{
    private readonly string _path;
    private readonly PartialFile _partial;
    private readonly BufferedStream _file;
    private readonly ContentHash _hash = new();
    private readonly CancellationToken _cancellationToken;

    /// <summary>Starts the file in the folder that it will be in, as far as the system can without a name.</summary>
    /// <param name="path">Its name when it is whole.</param>
    /// <param name="cancellationToken">Stops writing: what exports a layer writes synchronously.</param>
    /// <exception cref="DiskException">The folder is not there, or cannot be written.</exception>
    public LayerTarFileStream(string path, CancellationToken cancellationToken = default)
    {
        _path = Path.GetFullPath(path);
        _partial = PartialFile.Create(_path);
        _file = new BufferedStream(_partial.Stream, 1 << 20);
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
    /// <exception cref="DiskException">Something has the name already, or the disk failed.</exception>
    public Digest Publish()
    {
        Flush();
        _partial.Publish();
        return _hash.Current();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _hash.Append(buffer);
        try
        {
            _file.Write(buffer);
        }
        catch (IOException cause)
        {
            throw DiskException.FromIO(cause, "cannot write", _path);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DiskException">The disk failed.</exception>
    public override void Flush()
    {
        try
        {
            _file.Flush();
        }
        catch (IOException cause)
        {
            throw DiskException.FromIO(cause, "cannot write", _path);
        }
    }

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
            // Not the buffer, which would be written: what is published is on the disk, and anything else goes.
            _partial.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
