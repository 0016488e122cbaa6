using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace WinLayers.Oci.Disk;

/// <summary>
/// Names of a Unix folder as text. There they are any bytes; one that is no part of well-formed UTF-8 becomes U+DC80 to U+DCFF, halves of
/// pairs
/// that no name of a layer holds, and a byte again on its way back. So whatever lies in a folder can be named, and removed.
/// </summary>
internal static class UnixNames
{
    private const char FirstByte = '\uDC80', LastByte = '\uDCFF';

    public static string Decode(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        StringBuilder text = new(name.Length);
        while (name.Length > 0)
        {
            bool isWhole = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == OperationStatus.Done;
            if (isWhole)
                text.Append(rune.ToString());
            else
                text.Append((char)(FirstByte - 0x80 + name[0]));
            name = name[(isWhole ? length : 1)..];
        }

        return text.ToString();
    }

    /// <summary>Writes the name's bytes; returns how many there are.</summary>
    /// <exception cref="ArgumentException">It has no bytes, or more than the buffer takes.</exception>
    public static int Encode(ReadOnlySpan<char> name, Span<byte> bytes)
    {
        int written = 0;
        while (true)
        {
            OperationStatus status = Utf8.FromUtf16(name, bytes[written..], out int read, out int added, replaceInvalidSequences: false);
            written += added;
            name = name[read..];
            if (status == OperationStatus.Done)
                return written;
            if (status == OperationStatus.DestinationTooSmall || written == bytes.Length)
                throw new ArgumentException("The name is too long for a component.", nameof(name));
            if (name[0] is < FirstByte or > LastByte)
                throw new ArgumentException("The name holds half of a surrogate pair.", nameof(name));
            bytes[written++] = (byte)(name[0] - FirstByte + 0x80);
            name = name[1..];
        }
    }
}
