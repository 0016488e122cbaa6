using System.Runtime.InteropServices;

namespace WinLayers.Windows.Interop;

/// <summary>UNICODE_STRING: lengths in bytes, no NUL needed; 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct UnicodeString
{
    [FieldOffset(0)]
    internal ushort Length;

    [FieldOffset(2)]
    internal ushort MaximumLength;

    [FieldOffset(8)]
    internal char* Buffer;
}

/// <summary>OBJECT_ATTRIBUTES: what to open, from which folder on; 48 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal unsafe struct ObjectAttributes
{
    internal const uint CaseInsensitive = 0x40;
    internal const uint DontReparse = 0x1000;

    [FieldOffset(0)]
    internal uint Length;

    [FieldOffset(8)]
    internal nint RootDirectory;

    [FieldOffset(16)]
    internal UnicodeString* ObjectName;

    [FieldOffset(24)]
    internal uint Attributes;

    [FieldOffset(32)]
    internal void* SecurityDescriptor;

    [FieldOffset(40)]
    internal void* SecurityQualityOfService;
}

/// <summary>IO_STATUS_BLOCK, 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct IoStatusBlock
{
    [FieldOffset(0)]
    internal int Status;

    [FieldOffset(8)]
    internal nuint Information;
}

/// <summary>The fixed part of FILE_LINK_INFORMATION; the name follows at offset 20.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct FileLinkInformation
{
    internal const int NameOffset = 20;

    [FieldOffset(0)]
    internal byte ReplaceIfExists;

    [FieldOffset(8)]
    internal nint RootDirectory;

    [FieldOffset(16)]
    internal uint FileNameLength;
}
