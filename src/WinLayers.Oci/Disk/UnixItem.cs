using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>What the system says of a name or of an open file.</summary>
internal static unsafe class UnixItem
{
    /// <summary>What a name in a folder is; null, and the number of the error, where nobody can tell.</summary>
    public static HostItem? Find(SafeFileHandle folder, byte* name, int flags, out int error)
    {
        byte* buffer = stackalloc byte[512];
        int result;
        if (OperatingSystem.IsMacOS())
        {
            result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
                ? Libc.StatAppleArm(folder, name, buffer, flags)
                : Libc.StatAppleX64(folder, name, buffer, flags);
        }
        else
        {
            const uint basicStats = 0x7FF;
            result = Libc.StatX(folder, name, flags, basicStats, buffer);
        }

        error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        return result == 0 ? ReadStat(new ReadOnlySpan<byte>(buffer, 256)) : null;
    }

    /// <summary>What an open file is; Linux alone.</summary>
    public static HostItem Of(SafeFileHandle file, string path)
    {
        byte none = 0;
        HostItem? item = Find(file, &none, LibcConstants.StatEmptyPath, out int error);
        return item ?? throw DiskException.FromErrno(error, "cannot look at", path);
    }

    private static HostItem ReadStat(ReadOnlySpan<byte> stat)
    {
        // The host's own byte order: the kernel filled this in.
        int mode;
        HostItem item;
        if (OperatingSystem.IsMacOS())
        {
            mode = MemoryMarshal.Read<ushort>(stat[4..]);
            item = new HostItem(
                HostItemKind.Foreign,
                MemoryMarshal.Read<long>(stat[96..]),
                MemoryMarshal.Read<ushort>(stat[6..]),
                (MemoryMarshal.Read<uint>(stat), MemoryMarshal.Read<ulong>(stat[8..])));
        }
        else
        {
            // struct statx is the same on every processor.
            mode = MemoryMarshal.Read<ushort>(stat[28..]);
            ulong device = ((ulong)MemoryMarshal.Read<uint>(stat[136..]) << 32) | MemoryMarshal.Read<uint>(stat[140..]);
            item = new HostItem(
                HostItemKind.Foreign,
                MemoryMarshal.Read<long>(stat[40..]),
                MemoryMarshal.Read<uint>(stat[16..]),
                (device, MemoryMarshal.Read<ulong>(stat[32..])));
        }

        const int formatMask = 0xF000, regular = 0x8000, directory = 0x4000;
        return item with
        {
            Kind = (mode & formatMask) switch
            {
                regular => HostItemKind.File,
                directory => HostItemKind.Folder,
                _ => HostItemKind.Foreign,
            },
        };
    }
}
