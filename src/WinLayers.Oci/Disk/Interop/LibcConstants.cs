using System.Runtime.InteropServices;

namespace WinLayers.Oci.Disk.Interop;

/// <summary>Flags and error numbers, which differ between Linux and macOS, and on Linux between processors.</summary>
internal static class LibcConstants
{
    private static readonly bool Apple = OperatingSystem.IsMacOS();

    // ARM and PowerPC Linux swapped these two pairs; x86, s390x, RISC-V and LoongArch have the generic values.
    private static readonly bool SwappedFlags = RuntimeInformation.ProcessArchitecture
        is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6 or Architecture.Ppc64le;

    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal static readonly int Create = Apple ? 0x200 : 0x40;
    internal static readonly int Exclusive = Apple ? 0x800 : 0x80;
    internal static readonly int Directory = Apple ? 0x10_0000 : SwappedFlags ? 0x4000 : 0x1_0000;
    internal static readonly int NoFollow = Apple ? 0x100 : SwappedFlags ? 0x8000 : 0x2_0000;
    internal static readonly int CloseOnExec = Apple ? 0x100_0000 : 0x8_0000;
    internal static readonly int NonBlocking = Apple ? 0x4 : 0x800;

    internal static readonly int Unnamed = 0x40_0000 | Directory; // O_TMPFILE, Linux alone
    internal const int LinkFollow = 0x400; // Linux alone

    internal static readonly int RemoveDirectory = Apple ? 0x80 : 0x200;
    internal static readonly int StatNoFollow = Apple ? 0x20 : 0x100;
    internal const int StatEmptyPath = 0x1000; // Linux alone

    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int NoDevice = 6;
    internal const int AccessDenied = 13;
    internal const int Exists = 17;
    internal const int CrossDevice = 18;
    internal const int NotADirectory = 20;
    internal const int IsADirectory = 21;
    internal const int InvalidArgument = 22;
    internal const int TooManyOpenInSystem = 23;
    internal const int TooManyOpen = 24;
    internal const int NoSpace = 28;
    internal const int ReadOnlyFileSystem = 30;
    internal const int TooManyLinks = 31;
    internal static readonly int SymbolicLink = Apple ? 62 : 40; // ELOOP, with O_NOFOLLOW
    internal static readonly int NameTooLong = Apple ? 63 : 36;
    internal static readonly int QuotaExceeded = Apple ? 69 : 122;
    internal static readonly int NotSupported = Apple ? 45 : 95;
}
