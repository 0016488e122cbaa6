using System.Runtime.InteropServices;

namespace WinLayers.Windows.Interop;

/// <summary>One parent layer as vmcompute takes it: 32 bytes.</summary>
/// <remarks>
/// <code>
/// 0    id        GUID, NameToGuid of the last part of the folder's path
/// 16   flags     u32, 0
/// 20   padding
/// 24   path      PCWSTR
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct LayerDescriptor
{
    [FieldOffset(0)]
    internal Guid Id;

    [FieldOffset(16)]
    internal uint Flags;

    [FieldOffset(24)]
    internal char* Path;
}
