using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>Opens by path: where what is done relative to a folder begins.</summary>
internal static class UnixPath
{
    /// <summary>Opens what is there; null, and the number of the error, where that fails.</summary>
    public static unsafe SafeFileHandle? TryOpen(string path, int flags, out int error)
    {
        byte[] text = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, text);
        while (true)
        {
            int descriptor;
            fixed (byte* name = text)
                descriptor = Libc.OpenExisting(name, flags);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            if (error != LibcConstants.Interrupted)
                return null;
        }
    }
}
