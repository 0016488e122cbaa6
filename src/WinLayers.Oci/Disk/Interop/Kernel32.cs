using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace WinLayers.Oci.Disk.Interop;

[SupportedOSPlatform("windows")]
internal static partial class Kernel32
{
    /// <summary>Makes a hard link; 0, or the number of the error.</summary>
    internal static int CreateHardLink(string name, string existing) =>
        CreateHardLinkRaw(name, existing, securityAttributes: 0) ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkRaw(string name, string existing, nint securityAttributes);
}
