using System.Buffers;
using WinLayers.Formats.IO;
using WinLayers.Oci.Content;

namespace WinLayers.Oci.Compression;

/// <summary>Decompresses Zstandard frames, one after another, as one stream. Cut input and bytes that are no frame are refused.</summary>
internal sealed class ZstdStream : ReadOnlyStream
{
    internal const long WindowLimitBytes = 1L << WindowLogLimit;
    private const int WindowLogLimit = 27;
    private const int InputLength = 128 << 10;

    private readonly Stream _input;
    private readonly bool _leaveOpen;
    private readonly ExpansionGuard _guard;
    private readonly ZstdContext _context = new(WindowLogLimit);
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _atFrameEnd;
    private bool _mayHaveMore;

    internal ZstdStream(Stream input, ExpansionGuard guard, bool leaveOpen)
    {
        _input = input;
        _guard = guard;
        _leaveOpen = leaveOpen;
        _buffer = ArrayPool<byte>.Shared.Rent(InputLength);
    }

    public override int Read(Span<byte> buffer)
    {
        byte[] input = _buffer ?? throw new ObjectDisposedException(nameof(ZstdStream));
        while (!buffer.IsEmpty)
        {
            if (Decompress(buffer) is var produced and > 0)
                return produced;
            if (!Fill(_input.Read(input)))
                return 0;
        }

        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] input = _buffer ?? throw new ObjectDisposedException(nameof(ZstdStream));
        while (!buffer.IsEmpty)
        {
            if (Decompress(buffer.Span) is var produced and > 0)
                return produced;
            if (!Fill(await _input.ReadAsync(input, cancellationToken).ConfigureAwait(false)))
                return 0;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
            _context.Dispose();
            if (!_leaveOpen)
                _input.Dispose();
        }

        base.Dispose(disposing);
    }

    // Zero means: more input is needed.
    private int Decompress(Span<byte> output)
    {
        while (_start < _end || _mayHaveMore)
        {
            nuint hint = _context.Decompress(_buffer.AsSpan(_start, _end - _start), output, out int consumed, out int produced);
            _start += consumed;
            _atFrameEnd = hint == 0;

            // A full output buffer may leave bytes inside the decompressor that no further input is needed for.
            _mayHaveMore = produced == output.Length && !_atFrameEnd;
            if (produced > 0)
            {
                _guard.Produced(produced);
                return produced;
            }
        }

        return 0;
    }

    private bool Fill(int count)
    {
        _start = 0;
        _end = count;
        _guard.Consumed(count);
        if (count > 0)
            return true;
        return _atFrameEnd ? false : throw new CompressionException(CompressionFailure.Truncated, "The Zstandard data ends in the middle.");
    }
}
