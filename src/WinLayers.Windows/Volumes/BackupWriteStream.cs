using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Volumes;

/// <summary>Takes a backup stream and applies it to an open file. The file stays open and the caller's.</summary>
[SupportedOSPlatform("windows")]
internal sealed class BackupWriteStream(SafeFileHandle file, string path) : Stream
{
    private nint _context;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Kernel32.BackupWrite(file, buffer, ref _context, path);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Frees what the system keeps between the calls; nothing is undone.
        if (disposing && _context != 0)
            Kernel32.BackupWriteEnd(file, ref _context);
        base.Dispose(disposing);
    }
}
