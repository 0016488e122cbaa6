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
    private readonly IsalState _state = new(library);
    private int _start;
    private int _end;
    private bool _inMember;
    private bool _hadMember;
    private bool _mayHaveMore;

    // ISA-L forgets what a header's flags were where the header comes in pieces, so it gets each header whole.
    private bool NeedsInput =>
        _inMember ? _start == _end && !_mayHaveMore : _start == _end || !GZipHeader.IsWhole(_buffer.AsSpan(_start, _end - _start));

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (NeedsInput)
            {
                if (!Fill(input.Read(Room().Span)))
                    return 0;
                continue;
            }

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
            if (NeedsInput)
            {
                if (!Fill(await input.ReadAsync(Room(), cancellationToken).ConfigureAwait(false)))
                    return 0;
                continue;
            }

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

    private int Inflate(Span<byte> output)
    {
        if (!_inMember)
        {
            if (GZipHeader.HasReservedFlags(_buffer.AsSpan(_start, _end - _start)))
                throw new CompressionException(CompressionFailure.Damaged, "The gzip header has reserved flags.");
            _state.Start();
            _inMember = true;
        }

        InflateOutcome outcome = _state.Inflate(_buffer.AsSpan(_start, _end - _start), output, out int consumed, out int produced);
        _start += consumed;
        switch (outcome)
        {
            case InflateOutcome.MemberEnded:
                _inMember = false;
                _hadMember = true;
                break;
            case InflateOutcome.NotGZip when _hadMember:
                throw new CompressionException(CompressionFailure.TrailingBytes, "Bytes that are not gzip follow the gzip data.");
            case InflateOutcome.NotGZip or InflateOutcome.Damaged:
                throw new CompressionException(CompressionFailure.Damaged, "The gzip data is damaged.");
        }

        // A full output buffer may leave bytes inside the decompressor that no further input is needed for.
        _mayHaveMore = _inMember && produced == output.Length;
        guard.Produced(produced);
        return produced;
    }

    // Behind what is there of a header; the buffer's start where there is nothing.
    private Memory<byte> Room()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        return _end < InputLength
            ? _buffer.AsMemory(_end)
            : throw new CompressionException(CompressionFailure.Damaged, $"A gzip header takes more than {InputLength} bytes.");
    }

    // False at the end of the input, where that is the end of the last member too.
    private bool Fill(int count)
    {
        guard.Consumed(count);
        bool isEnd = count == 0;
        if (isEnd && (_inMember || !_hadMember || _start < _end))
            throw new CompressionException(CompressionFailure.Truncated, "The gzip data ends in the middle.");
        _end += count;
        return !isEnd;
    }
}
