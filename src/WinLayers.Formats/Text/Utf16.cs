using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace WinLayers.Formats.Text;

/// <summary>UTF-16LE unit by unit, so that names keep lone surrogates, which NTFS allows and a text encoder would replace.</summary>
internal static class Utf16
{
    /// <summary>Reads units; the number of bytes is even.</summary>
    public static string Read(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length / sizeof(char), bytes, static (text, bytes) =>
        {
            if (BitConverter.IsLittleEndian)
                bytes[..(text.Length * sizeof(char))].CopyTo(MemoryMarshal.AsBytes(text));
            else
                ReadSwapped(bytes, text);
        });

    /// <summary>Writes the units and returns the bytes written.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(text).CopyTo(destination);
        }
        else
        {
            for (int i = 0; i < text.Length; i++)
                BinaryPrimitives.WriteUInt16LittleEndian(destination[(i * sizeof(char))..], text[i]);
        }

        return text.Length * sizeof(char);
    }

    private static void ReadSwapped(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(char))..]);
    }
}
