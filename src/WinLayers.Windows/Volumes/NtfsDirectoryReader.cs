using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows.Volumes;

/// <summary>A name in a directory.</summary>
/// <param name="Name">As the file system spells it.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Length">Bytes of its unnamed stream.</param>
internal readonly record struct NtfsDirectoryEntry(string Name, FileAttributes Attributes, long Length);

/// <summary>
/// Reads an open directory (FILE_FULL_DIR_INFO: next u32, …, end of file i64 at 40, attributes u32 at 56, name length u32 at 60, name at
/// 68).
/// </summary>
[SupportedOSPlatform("windows")]
internal static class NtfsDirectoryReader
{
    private const int BufferLength = 64 << 10;
    private const int LengthOffset = 40;
    private const int AttributesOffset = 56;
    private const int NameLengthOffset = 60;
    private const int NameOffset = 68;

    /// <summary>All names but <c>.</c> and <c>..</c>, in the directory's own order.</summary>
    internal static List<NtfsDirectoryEntry> ReadAll(SafeFileHandle directory, string path)
    {
        List<NtfsDirectoryEntry> entries = [];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            for (bool first = true; Kernel32.ReadDirectory(directory, buffer, first, path); first = false)
                Parse(buffer, entries);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return entries;
    }

    private static void Parse(ReadOnlySpan<byte> block, List<NtfsDirectoryEntry> entries)
    {
        while (true)
        {
            int next = BinaryPrimitives.ReadInt32LittleEndian(block);
            int nameLength = BinaryPrimitives.ReadInt32LittleEndian(block[NameLengthOffset..]);
            string name = new(MemoryMarshal.Cast<byte, char>(block.Slice(NameOffset, nameLength)));
            if (name is not ("." or ".."))
            {
                entries.Add(new NtfsDirectoryEntry(
                    name,
                    (FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(block[AttributesOffset..]),
                    BinaryPrimitives.ReadInt64LittleEndian(block[LengthOffset..])));
            }

            if (next == 0)
                return;
            block = block[next..];
        }
    }
}
