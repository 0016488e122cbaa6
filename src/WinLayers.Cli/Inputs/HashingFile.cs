using WinLayers.Oci.Digests;

namespace WinLayers.Cli.Inputs;

/// <summary>A file in the making that appears under its name only when it is whole, with the digest of its bytes.</summary>
internal sealed class HashingFile : Stream
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly ContentHash _hash = new();
    private readonly CancellationToken _cancellationToken;
    private bool _isPublished;

    public HashingFile(string path, CancellationToken cancellationToken)
    {
        _path = Path.GetFullPath(path);
        _partial = $"{_path}.{Guid.NewGuid():N}.partial";
        _file = new FileStream(_partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        _cancellationToken = cancellationToken;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _hash.Length;

    public override long Position
    {
        get => _hash.Length;
        set => throw new NotSupportedException();
    }

    /// <summary>Gives the file its name.</summary>
    /// <returns>The digest of what was written.</returns>
    public Digest Publish()
    {
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_partial, _path, overwrite: false);
        _isPublished = true;
        return _hash.Current();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _hash.Append(buffer);
        _file.Write(buffer);
    }

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
