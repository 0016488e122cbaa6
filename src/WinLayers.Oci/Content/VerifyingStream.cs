using WinLayers.Formats.IO;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>
/// Passes bytes on and reports the end only when their number and digest are what they should be: reading to the end is the check,
/// so read to the end. Bytes passed on before are not yet verified.
/// </summary>
public sealed class VerifyingStream : ReadOnlyStream
{
    private readonly Stream _inner;
    private readonly string _content;
    private readonly Digest _expected;
    private readonly long? _size;
    private readonly bool _leaveOpen;
    private readonly ContentHash _hash;

    /// <summary>Verifies a blob: its size and digest.</summary>
    public VerifyingStream(Stream inner, Descriptor blob, bool leaveOpen = false)
        : this(inner, "blob", blob.Digest, blob.Size, leaveOpen)
    {
    }

    /// <summary>Verifies content of a known digest, and of a known size where one is given.</summary>
    /// <param name="inner">The bytes.</param>
    /// <param name="content">What they are, for messages: <c>uncompressed layer</c>.</param>
    /// <param name="expected">Their digest.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="leaveOpen">Whether <paramref name="inner"/> stays open when this is disposed.</param>
    public VerifyingStream(Stream inner, string content, Digest expected, long? size, bool leaveOpen = false)
    {
        _inner = inner;
        _content = content;
        _expected = expected;
        _size = size;
        _leaveOpen = leaveOpen;
        _hash = new ContentHash(expected.Algorithm);
    }

    /// <summary>How many bytes went by.</summary>
    public long BytesRead => _hash.Length;

    /// <summary>Whether the end was reached and everything was right.</summary>
    public bool IsVerified { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="SizeMismatchException">There are more or fewer bytes.</exception>
    /// <exception cref="DigestMismatchException">The digest is another.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || IsVerified)
            return 0;
        int count = _inner.Read(buffer);
        Take(buffer[..count]);
        return count;
    }

    /// <inheritdoc/>
    /// <exception cref="SizeMismatchException">There are more or fewer bytes.</exception>
    /// <exception cref="DigestMismatchException">The digest is another.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || IsVerified)
            return 0;
        int count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Take(buffer.Span[..count]);
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            if (!_leaveOpen)
                _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_leaveOpen)
            await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        long read = BytesRead + bytes.Length;
        if (_size is { } size && (read > size || (bytes.IsEmpty && read < size)))
            throw new SizeMismatchException($"{_content} {_expected}", size, read);
        if (!bytes.IsEmpty)
        {
            _hash.Append(bytes);
            return;
        }

        Digest actual = _hash.Current();
        if (actual != _expected)
            throw new DigestMismatchException(_content, _expected, actual, read);
        IsVerified = true;
    }
}
