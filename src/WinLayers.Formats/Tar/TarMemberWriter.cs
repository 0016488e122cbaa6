using System.Globalization;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Formats.Tar;

/// <summary>
/// Writes members of a tar: headers, with PAX records for what they have no room for, and bodies. Knows nothing of layers.
/// </summary>
internal sealed class TarMemberWriter(Stream tar) : IDisposable
{
    private readonly TarOutput _output = new(tar);

    /// <summary>Records that the next member gets beside those that it needs.</summary>
    public PaxRecordWriter Records { get; } = new();

    /// <summary>Bytes written so far, those in the buffer included.</summary>
    public long Position => _output.Position;

    /// <summary>Writes the header of a member; its body of so many bytes follows.</summary>
    public void WriteHeaders(byte type, string name, string linkName, int mode, long size, FileTime write)
    {
        (long seconds, long fraction) = Math.DivRem(write.UnixTicks, FileTime.TicksPerSecond);
        if (fraction != 0 || seconds is < 0 or > TarHeaderWriter.LargestOctal)
            Records.Add(PaxKeys.ModificationTime, write);
        if (!TarHeaderWriter.FitsName(name))
            Records.Add(PaxKeys.Path, name);
        if (!TarHeaderWriter.FitsName(linkName))
            Records.Add(PaxKeys.LinkPath, linkName);
        if (size > TarHeaderWriter.LargestOctal)
            Records.Add(PaxKeys.Size, size.ToString(CultureInfo.InvariantCulture));

        Span<byte> block = stackalloc byte[TarHeader.BlockSize];
        ReadOnlySpan<byte> records = Records.Take();
        if (!records.IsEmpty)
        {
            TarHeaderWriter.WriteExtended(block, name, records.Length);
            _output.Write(block);
            _output.Write(records);
            _output.Pad();
        }

        TarHeaderWriter.Write(block, type, name, linkName, mode, size, seconds);
        _output.Write(block);
    }

    /// <summary>Writes a header that is laid out already.</summary>
    public void WriteBlock(ReadOnlySpan<byte> block) => _output.Write(block);

    /// <summary>Writes a body, which has as many bytes as its header says.</summary>
    /// <exception cref="EndOfStreamException">It has fewer; the tar is spoilt.</exception>
    /// <exception cref="IOException">It has more.</exception>
    public void WriteBody(Stream body, long size)
    {
        _output.Copy(body, size);
        _output.Pad();
    }

    /// <summary>Ends the tar and flushes.</summary>
    public void WriteEnd()
    {
        Span<byte> end = stackalloc byte[2 * TarHeader.BlockSize];
        end.Clear();
        _output.Write(end);
        _output.Flush();
        tar.Flush();
    }

    public void Dispose() => _output.Dispose();
}
