using System.Runtime.InteropServices;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Windows.Interop;

/// <summary>FILE_BASIC_INFO: four times (0 leaves one as it is) and the attributes (0 too), 40 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct FileBasicInformation
{
    [FieldOffset(0)]
    internal long Creation;

    [FieldOffset(8)]
    internal long Access;

    [FieldOffset(16)]
    internal long Write;

    [FieldOffset(24)]
    internal long Change;

    [FieldOffset(32)]
    internal uint Attributes;

    internal FileBasicInformation(FileTimes times, FileAttributes attributes)
    {
        Creation = times.Creation.Ticks;
        Access = times.Access.Ticks;
        Write = times.Write.Ticks;
        Change = times.Change.Ticks;
        Attributes = (uint)attributes;
    }

    internal readonly FileTimes Times => new(new(Creation), new(Access), new(Write), new(Change));
}

/// <summary>FILE_STANDARD_INFO, 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct FileStandardInformation
{
    [FieldOffset(0)]
    internal long AllocationSize;

    [FieldOffset(8)]
    internal long EndOfFile;

    [FieldOffset(16)]
    internal uint NumberOfLinks;

    [FieldOffset(20)]
    internal byte DeletePending;

    [FieldOffset(21)]
    internal byte Directory;
}

/// <summary>FILE_ID_INFO, 24 bytes: volume and file, the same for every name of a file.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal readonly record struct FileIdInformation
{
    [FieldOffset(0)]
    internal readonly ulong Volume;

    [FieldOffset(8)]
    internal readonly UInt128 File;
}
