using System.Buffers;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// A blob in the making. Nothing of it is visible before <see cref="Commit"/>; disposed without, what was written stays as a partial
/// file for the next run to resume.
/// </summary>
internal sealed class BlobWriter : IDisposable, IAsyncDisposable
{
    private const int RehashBufferLength = 1 << 20;

    private readonly BlobStore _store;
    private readonly Descriptor _blob;
    private readonly FileStream _file;
    private readonly string _partial;
    private readonly ContentHash _hash;

    private BlobWriter(BlobStore store, Descriptor blob, FileStream file, string partial)
    {
        _store = store;
        _blob = blob;
        _file = file;
        _partial = partial;
        _hash = new ContentHash(blob.Digest.Algorithm);
    }

    /// <summary>How many bytes are written, those of earlier runs included: where to go on reading the source.</summary>
    public long Offset => _hash.Length;

    /// <summary>
    /// Reads what is written, from another thread: bytes before <see cref="Offset"/> are there, whatever is still to come.
    /// </summary>
    internal int Read(Span<byte> buffer, long offset) => RandomAccess.Read(_file.SafeFileHandle, buffer, offset);

    internal static async Task<BlobWriter> ResumeAsync(
        BlobStore store, Descriptor blob, FileStream file, string partial, CancellationToken cancellationToken)
    {
        BlobWriter writer = new(store, blob, file, partial);
        if (file.Length > blob.Size)
            writer.Restart();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(RehashBufferLength);
        try
        {
            while (await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
                writer._hash.Append(buffer.AsSpan(0, count));
        }
        catch
        {
            writer._hash.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return writer;
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="SizeMismatchException">There are more than the blob has; what was written is thrown away.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Offset + bytes.Length > _blob.Size)
        {
            long found = Offset + bytes.Length;
            Restart();
            throw new SizeMismatchException($"blob {_blob.Digest}", _blob.Size, found);
        }

        _file.Write(bytes);
        _hash.Append(bytes);
    }

    /// <summary>Throws away what is written, that of earlier runs included: the source starts over.</summary>
    public void Restart()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _hash.Reset();
    }

    /// <summary>Verifies the blob, syncs it and makes it visible.</summary>
    /// <exception cref="SizeMismatchException">Bytes are missing; what was written stays for the next run.</exception>
    /// <exception cref="DigestMismatchException">The digest is another; what was written is thrown away.</exception>
    public void Commit()
    {
        if (Offset != _blob.Size)
            throw new SizeMismatchException($"blob {_blob.Digest}", _blob.Size, Offset);
        Digest actual = _hash.Current();
        if (actual != _blob.Digest)
        {
            long found = Offset;

            // Emptied, not deleted: whoever waits for the file must find it under its name.
            Restart();
            throw new DigestMismatchException("blob", _blob.Digest, actual, found);
        }

        _file.Flush(flushToDisk: true);
        string path = _store.PathOf(_blob.Digest);
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        File.Move(_partial, path, overwrite: true);
        HostFiles.FlushFolder(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        _hash.Dispose();
    }
}
