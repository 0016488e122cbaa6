using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace WinLayers.Transport;

/// <summary>
/// Writes one new file after another through one buffer, so that a small file is a single write and a layer of many costs no garbage.
/// </summary>
internal sealed class StagedFileWriter : Stream
{
    private const int BufferLength = 256 << 10;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private SafeFileHandle? _file;
    private long _written;
    private int _buffered;
    private bool _disposed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _written + _buffered;
        set => throw new NotSupportedException();
    }

    /// <summary>Makes a file that is not there yet. A symbolic link in its place is a name taken, never followed.</summary>
    internal void Start(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        _written = _buffered = 0;
    }

    /// <summary>Writes out what is buffered and closes the file.</summary>
    /// <param name="beforeClosing">What is to be done on the open file, once all is written.</param>
    internal void Finish(Action<SafeFileHandle> beforeClosing)
    {
        Flush();
        beforeClosing(_file!);
        Close(ref _file);
    }

    /// <summary>Closes a file that could not be finished.</summary>
    internal void Abandon() => Close(ref _file);

    public override void Flush()
    {
        if (_buffered == 0)
            return;
        RandomAccess.Write(_file!, _buffer.AsSpan(0, _buffered), _written);
        _written += _buffered;
        _buffered = 0;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > _buffer.Length - _buffered)
            Flush();
        if (buffer.Length >= _buffer.Length)
        {
            RandomAccess.Write(_file!, buffer, _written);
            _written += buffer.Length;
            return;
        }

        buffer.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Abandon();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        base.Dispose(disposing);
    }

    private static void Close(ref SafeFileHandle? file)
    {
        file?.Dispose();
        file = null;
    }
}
