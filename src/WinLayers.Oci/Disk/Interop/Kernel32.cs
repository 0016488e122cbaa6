using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace WinLayers.Oci.Disk.Interop;

[SupportedOSPlatform("windows")]
internal static partial class Kernel32
{
    /// <summary>Makes a hard link; false where the file system cannot, so that a copy has to do.</summary>
    internal static bool TryCreateHardLink(string name, string existing)
    {
        const int invalidFunction = 1, notSameDevice = 17, notSupported = 50, tooManyLinks = 1142;
        if (CreateHardLinkRaw(name, existing, securityAttributes: 0))
            return true;
        int error = Marshal.GetLastPInvokeError();
        return error is invalidFunction or notSameDevice or notSupported or tooManyLinks
            ? false
            : throw DiskException.FromIO(new IOException(Marshal.GetPInvokeErrorMessage(error)), $"cannot link to '{existing}'", name);
    }

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkRaw(string name, string existing, nint securityAttributes);
}
