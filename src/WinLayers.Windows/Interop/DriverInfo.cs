using System.Runtime.InteropServices;

namespace WinLayers.Windows.Interop;

/// <summary>Which driver a layer call is for.</summary>
/// <remarks>
/// <code>
/// 0   flavour   u32, 1 = filter driver
/// 4   padding
/// 8   home      PCWSTR, an empty string: vmcompute reads it, and a null pointer is an access violation there
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct DriverInfo
{
    private const uint FilterFlavour = 1;

    // Two zero bytes for the life of the process: nothing to pin, nothing to free too early.
    private static readonly char* EmptyHome = (char*)NativeMemory.AllocZeroed(sizeof(char));

    [FieldOffset(0)]
    internal uint Flavour;

    [FieldOffset(8)]
    internal char* Home;

    internal static DriverInfo FilterDriver => new() { Flavour = FilterFlavour, Home = EmptyHome };
}
