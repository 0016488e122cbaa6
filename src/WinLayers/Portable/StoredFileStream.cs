using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.IO;
using WinLayers.Oci.Digests;

namespace WinLayers.Portable;

/// <summary>
/// A layer's file, held against the size and digest that the index has: the last bytes are given only when all are what was unpacked.
/// </summary>
internal sealed class StoredFileStream : ReadOnlyStream
{
    private readonly FileStream _file;
    private readonly string _name;
    private readonly Digest _expected;
    private readonly ContentHash _hash;
    private bool _isVerified;

    /// <summary>Takes an open file over.</summary>
    /// <exception cref="DamagedFileException">It has another size.</exception>
    public StoredFileStream(SafeFileHandle file, string name, long size, Digest expected)
    {
        _file = new FileStream(file, FileAccess.Read, bufferSize: 0);
        _name = name;
        _expected = expected;
        _hash = new ContentHash(expected.Algorithm);
        Length = size;
        if (_file.Length == size)
            return;
        long found = _file.Length;
        Dispose();
        throw new DamagedFileException(name, $"it has {found} bytes, expected {size}");
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    /// <exception cref="DamagedFileException">With the last bytes: the digest is another, or there are more or fewer.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int count = _file.Read(buffer);
        _hash.Append(buffer[..count]);
        if (_hash.Length > Length || (count == 0 && _hash.Length < Length))
            throw new DamagedFileException(_name, $"it has {_hash.Length} bytes, expected {Length}");
        if (_hash.Length < Length || _isVerified)
            return count;
        if (_hash.Current() is var actual && actual != _expected)
            throw new DamagedFileException(_name, $"its digest is {actual}, expected {_expected}");
        _isVerified = true;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
