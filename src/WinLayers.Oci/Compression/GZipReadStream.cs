using System.IO.Compression;
using WinLayers.Formats.IO;
using WinLayers.Oci.Content;

namespace WinLayers.Oci.Compression;

/// <summary>
/// gzip with the truth about its end. The framework's stream takes input that is cut anywhere for complete, and passes over bytes
/// that follow the last member; this one refuses both, and reads concatenated members as one stream.
/// </summary>
/// <remarks>
/// After the last byte of the input the decompressor is handed a seal: one more member with a payload of its own. Only where the
/// input ends exactly at the end of a member does the payload come out at the end, whole; it is taken off again. Before the input's
/// end this costs nothing. See docs/decisions/0003-gzip-truth.md.
/// </remarks>
internal sealed class GZipReadStream : ReadOnlyStream
{
    private readonly Stream _input;
    private readonly bool _leaveOpen;
    private readonly ExpansionGuard _guard;
    private readonly SealedInput _sealed;
    private readonly GZipStream _gzip;
    private readonly byte[] _held = new byte[GZipSeal.PayloadLength];
    private int _heldCount;
    private bool _ended;

    internal GZipReadStream(Stream input, ExpansionGuard guard, bool leaveOpen)
    {
        _input = input;
        _guard = guard;
        _leaveOpen = leaveOpen;
        _sealed = new SealedInput(input, guard);
        _gzip = new GZipStream(_sealed, CompressionMode.Decompress, leaveOpen: true);
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && !_ended)
        {
            int count;
            try
            {
                count = _gzip.Read(buffer);
            }
            catch (InvalidDataException e)
            {
                throw Broken(e);
            }

            if (Pass(buffer, count) is var passed and > 0)
                return passed;
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty && !_ended)
        {
            int count;
            try
            {
                count = await _gzip.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException e)
            {
                throw Broken(e);
            }

            if (Pass(buffer.Span, count) is var passed and > 0)
                return passed;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
            if (!_leaveOpen)
                _input.Dispose();
        }

        base.Dispose(disposing);
    }

    // What of the bytes just read is content. Zero: nothing yet, read again, or the end.
    private int Pass(Span<byte> buffer, int count)
    {
        if (count == 0)
        {
            End();
            return 0;
        }

        int passed = _sealed.IsSealReached ? HoldBack(buffer, count) : count;
        _guard.Produced(passed);
        return passed;
    }

    // Once the seal went in, its payload may come out: the last bytes wait until more follow or the end shows what they are.
    private int HoldBack(Span<byte> buffer, int count)
    {
        Span<byte> tail = stackalloc byte[GZipSeal.PayloadLength];
        int total = _heldCount + count;
        int keep = Math.Min(total, GZipSeal.PayloadLength);
        int passed = total - keep;

        // The stream in question is held ++ read; its last bytes are kept, the others move to the buffer's start.
        int keepFromHeld = Math.Max(0, keep - count);
        _held.AsSpan(_heldCount - keepFromHeld, keepFromHeld).CopyTo(tail);
        buffer.Slice(count - (keep - keepFromHeld), keep - keepFromHeld).CopyTo(tail[keepFromHeld..]);
        int passFromHeld = _heldCount - keepFromHeld;
        buffer[..(passed - passFromHeld)].CopyTo(buffer[passFromHeld..]);
        _held.AsSpan(0, passFromHeld).CopyTo(buffer);
        tail[..keep].CopyTo(_held);
        _heldCount = keep;
        return passed;
    }

    private void End()
    {
        _ended = true;
        if (!_sealed.IsSealReached)
            throw Trailing(cause: null);
        if (!_held.AsSpan(0, _heldCount).SequenceEqual(GZipSeal.Payload) || _sealed.IsEmpty)
            throw Truncated(cause: null);
    }

    // A cut member meets the seal as more of itself and is told from a damaged one by that.
    private CompressionException Broken(InvalidDataException e)
    {
        _ended = true;
        return _sealed.IsSealReached ? Truncated(e) : new(CompressionFailure.Damaged, "The gzip data is damaged.", e);
    }

    private static CompressionException Truncated(Exception? cause) =>
        new(CompressionFailure.Truncated, "The gzip data ends in the middle, or with bytes that do not belong to it.", cause);

    private static CompressionException Trailing(Exception? cause) =>
        new(CompressionFailure.TrailingBytes, "Bytes that are not gzip follow the gzip data.", cause);

    /// <summary>The input with the seal behind it.</summary>
    private sealed class SealedInput(Stream input, ExpansionGuard guard) : ReadOnlyStream
    {
        private int _sealRead = -1;

        internal bool IsEmpty { get; private set; } = true;

        internal bool IsSealReached => _sealRead >= 0;

        public override int Read(Span<byte> buffer) => Seal(buffer, IsSealReached ? 0 : input.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = IsSealReached ? 0 : await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return Seal(buffer.Span, count);
        }

        private int Seal(Span<byte> buffer, int count)
        {
            if (count > 0)
            {
                IsEmpty = false;
                guard.Consumed(count);
                return count;
            }

            _sealRead = Math.Max(0, _sealRead);
            ReadOnlySpan<byte> rest = GZipSeal.Member.AsSpan(_sealRead);
            int taken = Math.Min(rest.Length, buffer.Length);
            rest[..taken].CopyTo(buffer);
            _sealRead += taken;
            return taken;
        }
    }
}
