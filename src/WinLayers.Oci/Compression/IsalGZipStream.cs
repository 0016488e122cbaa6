using WinLayers.Formats.IO;
using WinLayers.Oci.Content;

namespace WinLayers.Oci.Compression;

/// <summary>
/// gzip through <see cref="IsalLibrary"/>: concatenated members as one stream; cut input and bytes that are no member are refused.
/// </summary>
internal sealed class IsalGZipStream(IsalLibrary library, Stream input, ExpansionGuard guard, bool leaveOpen) : ReadOnlyStream
{
    private const int InputLength = 256 << 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(InputLength);
    private readonly GZipHeader _header = new();
    private readonly IsalState _state = new(library);
    private int _start;
    private int _end;
    private bool _inMember;
    private bool _inHeader;
    private bool _hadMember;
    private bool _mayHaveMore;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_start == _end && !_mayHaveMore && !Fill(input.Read(_buffer)))
                return 0;
            if (Inflate(buffer) is var produced and > 0)
                return produced;
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!buffer.IsEmpty)
        {
            if (_start == _end && !_mayHaveMore && !Fill(await input.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false)))
                return 0;
            if (Inflate(buffer.Span) is var produced and > 0)
                return produced;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _state.Dispose();
            if (!leaveOpen)
                input.Dispose();
        }

        base.Dispose(disposing);
    }

    // Zero means: more input is needed, or the next member's.
    private int Inflate(Span<byte> output)
    {
        if (!_inMember)
        {
            _header.Restart();
            (_inMember, _inHeader) = (true, true);
        }

        if (_inHeader && !ReadHeader())
            return 0;
        InflateOutcome outcome = _state.Inflate(_buffer.AsSpan(_start, _end - _start), output, out int consumed, out int produced);
        _start += consumed;
        if (outcome is InflateOutcome.Damaged)
            throw Damaged();
        if (outcome is InflateOutcome.MemberEnded)
            (_inMember, _hadMember) = (false, true);

        // A full output buffer may leave bytes inside the decompressor that no further input is needed for.
        _mayHaveMore = _inMember && produced == output.Length;
        guard.Produced(produced);
        return produced;
    }

    private bool ReadHeader()
    {
        GZipHeaderOutcome outcome = _header.Read(_buffer.AsSpan(_start, _end - _start), out int consumed);
        _start += consumed;
        switch (outcome)
        {
            case GZipHeaderOutcome.NotGZip when _hadMember:
                throw new CompressionException(CompressionFailure.TrailingBytes, "Bytes that are not gzip follow the gzip data.");
            case GZipHeaderOutcome.NotGZip or GZipHeaderOutcome.Damaged:
                throw Damaged();
            case GZipHeaderOutcome.Whole:
                _state.Start();
                _inHeader = false;
                return true;
            default:
                return false;
        }
    }

    private static CompressionException Damaged() => new(CompressionFailure.Damaged, "The gzip data is damaged.");

    private bool Fill(int count)
    {
        _start = 0;
        _end = count;
        guard.Consumed(count);
        if (count > 0)
            return true;
        return _inMember || !_hadMember
            ? throw new CompressionException(CompressionFailure.Truncated, "The gzip data ends in the middle.")
            : false;
    }
}
