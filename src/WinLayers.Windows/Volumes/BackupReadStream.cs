using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.IO;
using WinLayers.Formats.Ntfs.Backup;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Volumes;

/// <summary>Gives an open file's backup stream, security included. Owns the file's handle.</summary>
[SupportedOSPlatform("windows")]
internal sealed class BackupReadStream(SafeFileHandle file, string path) : ReadOnlyStream, ISkippable
{
    private nint _context;

    public override int Read(Span<byte> buffer) => buffer.IsEmpty ? 0 : Kernel32.BackupRead(file, buffer, ref _context, path);

    /// <summary>Skips bytes of the record that is being read, without reading them where the system can do that.</summary>
    public void Skip(long count)
    {
        long left = count - Math.Max(Kernel32.BackupSeek(file, count, ref _context), 0);
        Span<byte> scratch = stackalloc byte[4096];
        while (left > 0)
        {
            int read = Read(scratch[..(int)Math.Min(left, scratch.Length)]);
            if (read == 0)
                throw new EndOfStreamException($"The backup stream of '{path}' ends {left} bytes early.");
            left -= read;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_context != 0)
                Kernel32.BackupReadEnd(file, ref _context);
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
