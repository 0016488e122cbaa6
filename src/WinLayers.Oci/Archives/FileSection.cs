using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.IO;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Archives;

/// <summary>A part of a file. Several may be read at once; the file's handle is not theirs.</summary>
internal sealed class FileSection(SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override bool CanSeek => true;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(Span<byte> buffer) =>
        Advance(RandomAccess.Read(file, buffer[..Clip(buffer.Length)], offset + _position));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Advance(await RandomAccess.ReadAsync(file, buffer[..Clip(buffer.Length)], offset + _position, cancellationToken)
            .ConfigureAwait(false));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => length,
    };

    /// <summary>Reads a document of an archive whole.</summary>
    /// <exception cref="ManifestException">It is larger than <paramref name="limitBytes"/>.</exception>
    internal static byte[] ReadWhole(FileStream archive, long offset, long size, string name, int limitBytes)
    {
        if (size > limitBytes)
            throw new ManifestException(ManifestFailure.TooLarge, $"'{name}' of '{archive.Name}'",
                $"it has {size} bytes, {limitBytes} are allowed");
        byte[] bytes = new byte[size];
        using FileSection section = new(archive.SafeFileHandle, offset, size);
        section.ReadExactly(bytes);
        return bytes;
    }

    private int Clip(int wanted) => (int)Math.Min(wanted, Math.Max(0, length - _position));

    private int Advance(int count)
    {
        _position += count;
        return count;
    }
}
