using System.Buffers;
using System.Buffers.Binary;
using WinLayers.Formats.Tar;

namespace WinLayers.Oci.Archives;

/// <summary>Writes plain files into a tar, the same bytes every time. A file's size may be found out while it is written.</summary>
internal sealed class ArchiveTarWriter(FileStream tar)
{
    private const int FileMode = 0x8000 | 0x124; // 0100444, as every writer of such archives has it
    private const int CopyBufferLength = 1 << 20;

    internal void Write(string name, ReadOnlySpan<byte> bytes)
    {
        WriteHeader(name, bytes.Length);
        tar.Write(bytes);
        Pad(bytes.Length);
    }

    internal void Write(string name, Stream content, CancellationToken cancellationToken)
    {
        long header = tar.Position;
        WriteHeader(name, 0);
        long size = 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBufferLength);
        try
        {
            while (content.Read(buffer) is var count and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                tar.Write(buffer, 0, count);
                size += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        long end = tar.Position;
        tar.Position = header;
        WriteHeader(name, size);
        tar.Position = end;
        Pad(size);
    }

    internal void Complete()
    {
        Span<byte> end = stackalloc byte[2 * TarHeader.BlockSize];
        end.Clear();
        tar.Write(end);
    }

    private void WriteHeader(string name, long size)
    {
        Span<byte> block = stackalloc byte[TarHeader.BlockSize];
        bool fits = size <= TarHeaderWriter.LargestOctal;
        TarHeaderWriter.Write(block, TarTypes.File, name, linkName: "", FileMode & 0xFFF, fits ? size : 0, unixSeconds: 0);
        if (!fits)
            WriteLargeSize(block, size);
        tar.Write(block);
    }

    // Over 8 GiB: base 256, as GNU tar has it and every reader of such archives knows it.
    private static void WriteLargeSize(Span<byte> block, long size)
    {
        Span<byte> field = block[TarHeader.Size];
        field.Clear();
        field[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(field[^8..], size);
        TarHeaderWriter.Seal(block);
    }

    private void Pad(long size)
    {
        Span<byte> zeros = stackalloc byte[TarHeader.BlockSize];
        zeros.Clear();
        tar.Write(zeros[..(int)(-size & (TarHeader.BlockSize - 1))]);
    }
}
