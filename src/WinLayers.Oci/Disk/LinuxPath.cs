using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk.Interop;

namespace WinLayers.Oci.Disk;

/// <summary>
/// Opens a folder many levels below an open one by <c>openat2</c> of Linux 5.6: one call, and no link is followed anywhere on the way.
/// </summary>
internal static unsafe class LinuxPath
{
    /// <summary>PATH_MAX: bytes of a path in one call, its NUL included.</summary>
    public const int MaxLength = 4096;

    private const long OpenAt2 = 437; // on every processor
    private const ulong NoMagicLinks = 2, NoSymbolicLinks = 4, Beneath = 8;

    /// <summary>Puts as many names into the buffer as fit, with a NUL at the end; how many that are.</summary>
    public static int Encode(ReadOnlySpan<string> names, byte[] path)
    {
        int length = 0, taken = 0;
        foreach (string name in names)
        {
            // What is not one component is left to who refuses it.
            const int longest = 3 * 255;
            if (length + 1 + longest >= MaxLength || name.Length is 0 or > 255 || name is "." or ".."
                || name.AsSpan().IndexOfAny('/', '\0') >= 0)
                break;
            if (taken++ > 0)
                path[length++] = (byte)'/';
            length += UnixNames.Encode(name, path.AsSpan(length));
        }

        path[length] = 0;
        return taken;
    }

    /// <summary>Opens the folder; null where the system has no such call, or refuses for any reason.</summary>
    public static SafeFileHandle? TryOpenBelow(SafeFileHandle folder, byte[] path)
    {
        Libc.OpenHow how = new()
        {
            Flags = (ulong)(LibcConstants.ReadOnly | LibcConstants.Directory | LibcConstants.NoFollow | LibcConstants.CloseOnExec),
            Resolve = NoMagicLinks | NoSymbolicLinks | Beneath,
        };
        bool isHeld = false;
        try
        {
            folder.DangerousAddRef(ref isHeld);
            fixed (byte* start = path)
            {
                nint descriptor = Libc.SystemCall((nint)OpenAt2, folder.DangerousGetHandle(), start, &how, (nuint)sizeof(Libc.OpenHow));
                return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
            }
        }
        finally
        {
            if (isHeld)
                folder.DangerousRelease();
        }
    }
}
