using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>
/// Sets the time of the last change, which the mounted ntfs-3g always makes the present one: through its library, in
/// $STANDARD_INFORMATION of each file. The volume must not be mounted.
/// </summary>
internal static class ChangeTimes
{
    private const string Library = "libntfs-3g.so.89";
    private const uint StandardInformation = 0x10;
    private const long ChangeOffset = 16;

    /// <summary>Sets those that the entries have.</summary>
    public static void Set(string imageFile, IEnumerable<NtfsEntry> entries)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            ExternalTool.Missing($"{Library} is missing (Debian: libntfs-3g89).");
        nint volume = Check(ntfs_mount(Name(imageFile), 0), $"open {imageFile}");
        try
        {
            foreach (NtfsEntry entry in entries.Where(entry => entry.Times[3] != 0))
                Set(volume, entry);
        }
        finally
        {
            Assert.Equal(0, ntfs_umount(volume, 0));
        }
    }

    private static void Set(nint volume, NtfsEntry entry)
    {
        byte[] ticks = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(ticks, entry.Times[3]);
        nint file = Check(ntfs_pathname_to_inode(volume, 0, Name("/" + entry.Path.Replace('\\', '/'))), $"open {entry.Path}");
        try
        {
            nint attribute = Check(ntfs_attr_open(file, StandardInformation, 0, 0), $"open the times of {entry.Path}");
            Assert.Equal(ticks.Length, ntfs_attr_pwrite(attribute, ChangeOffset, ticks.Length, ticks));
            ntfs_attr_close(attribute);
        }
        finally
        {
            Assert.Equal(0, ntfs_inode_close(file));
        }
    }

    private static nint Check(nint handle, string what)
    {
        Assert.True(handle != 0, $"{what}: error {Marshal.GetLastPInvokeError()}");
        return handle;
    }

    private static byte[] Name(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

#pragma warning disable SYSLIB1054, IDE1006 // As in Signals: this project allows no unsafe code. Native names.
    [DllImport(Library, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ntfs_mount(byte[] file, nuint flags);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ntfs_umount(nint volume, int force);

    [DllImport(Library, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ntfs_pathname_to_inode(nint volume, nint parent, byte[] path);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ntfs_inode_close(nint file);

    [DllImport(Library, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ntfs_attr_open(nint file, uint type, nint name, uint nameLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ntfs_attr_close(nint attribute);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long ntfs_attr_pwrite(nint attribute, long position, long count, byte[] bytes);
#pragma warning restore SYSLIB1054, IDE1006
}
