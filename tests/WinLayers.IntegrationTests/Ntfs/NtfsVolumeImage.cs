using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>An NTFS volume in a file, mounted by ntfs-3g. Paths have backslashes and start at the volume's root.</summary>
internal sealed class NtfsVolumeImage : IAsyncDisposable
{
    private const string Options = "streams_interface=windows,efs_raw,noatime,no_detach";

    private readonly string _folder;
    private readonly string _mountPoint;
    private Process? _driver;

    private NtfsVolumeImage(string folder)
    {
        _folder = folder;
        _mountPoint = Path.Combine(folder, "volume");
    }

    /// <summary>The file that holds the volume.</summary>
    public string ImageFile => Path.Combine(_folder, "ntfs.img");

    /// <summary>Makes an empty volume; it is not mounted yet.</summary>
    public static async Task<NtfsVolumeImage> CreateAsync(string folder, long bytes)
    {
        string mkntfs = ExternalTool.Require("mkntfs", "ntfs-3g", "/usr/sbin/mkntfs", "/sbin/mkntfs");
        if (!File.Exists("/dev/fuse") || !Environment.IsPrivilegedProcess)
            ExternalTool.Missing("ntfs-3g needs root and /dev/fuse (in a container: --privileged).");
        NtfsVolumeImage image = new(folder);
        Directory.CreateDirectory(image._mountPoint);
        await using (FileStream file = File.Create(image.ImageFile))
            file.SetLength(bytes);
        await ToolProcess.RunAsync(mkntfs, "--quiet", "--fast", "--force", image.ImageFile);
        return image;
    }

    /// <summary>Mounts the volume so that reading changes no times.</summary>
    public async Task MountAsync()
    {
        // Not as a daemon: it writes the last of the volume after it is unmounted, and its end says when the file is whole.
        ProcessStartInfo start = new(ExternalTool.Require("ntfs-3g"), ["-o", Options, ImageFile, _mountPoint]) { UseShellExecute = false };
        _driver = Process.Start(start)!;
        while (!await IsMountedAsync())
        {
            Assert.False(_driver.HasExited, "ntfs-3g ended before it mounted the volume");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Unmounts, and waits until all is in the file.</summary>
    public async Task UnmountAsync()
    {
        using Process driver = _driver!;
        await ToolProcess.RunAsync(ExternalTool.Require("umount", "mount"), _mountPoint);
        _driver = null;
        await ProcessPatience.WaitForExitAsync(driver, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(20));
        Assert.Equal(0, driver.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (_driver is not null)
            await UnmountAsync();
    }

    /// <summary>Where the volume's path is found while it is mounted; a stream of it with its name.</summary>
    public string At(string path, string? stream = null) =>
        Path.Combine(_mountPoint, path.Replace('\\', '/')) + (stream is null ? "" : ":" + stream);

    /// <summary>Makes another name for a file.</summary>
    public void Link(string path, string target) => Check(link(Name(At(target)), Name(At(path))), $"link {path}");

    /// <summary>Sets what ntfs-3g offers under this name.</summary>
    public void Set(string path, string name, ReadOnlySpan<byte> value) =>
        Check(
            lsetxattr(Name(At(path)), Name(name), value.ToArray(), value.Length, 0),
            $"set {name} of {path} to {Convert.ToHexString(value)}");

    /// <summary>Reads what ntfs-3g offers under this name; empty where the file has none.</summary>
    public byte[] Get(string path, string name)
    {
        const int noData = 61;
        byte[] value = new byte[128 << 10];
        nint length = lgetxattr(Name(At(path)), Name(name), value, value.Length);
        if (length < 0 && Marshal.GetLastPInvokeError() == noData)
            return [];
        Check(length, $"get {name} of {path}");
        return value[..(int)length];
    }

    /// <summary>Creation, access, write and change.</summary>
    public long[] GetTimes(string path)
    {
        byte[] times = Get(path, "system.ntfs_times_be");
        long At(int number) => BinaryPrimitives.ReadInt64BigEndian(times.AsSpan(number * 8));
        return [At(0), At(2), At(1), At(3)];
    }

    /// <summary>Sets creation, access and write. ntfs-3g sets the change time itself, see <see cref="ChangeTimes"/>.</summary>
    public void SetTimes(string path, long creation, long access, long write)
    {
        byte[] times = new byte[24];
        BinaryPrimitives.WriteInt64BigEndian(times, creation);
        BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(8), write);
        BinaryPrimitives.WriteInt64BigEndian(times.AsSpan(16), access);
        Set(path, "system.ntfs_times_be", times);
    }

    /// <summary>The number of each file of the mounted volume, the same for all its names.</summary>
    public async Task<Dictionary<string, string>> FileNumbersAsync()
    {
        string listed = await ToolProcess.RunAsync(
            ExternalTool.Require("find", "findutils"), _mountPoint, "-mindepth", "1", "-printf", "%i %P\\n");
        return listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2))
            .ToDictionary(parts => parts[1].Replace('/', '\\'), parts => parts[0], StringComparer.Ordinal);
    }

    private async Task<bool> IsMountedAsync() =>
        (await File.ReadAllTextAsync("/proc/self/mounts", TestContext.Current.CancellationToken))
            .Contains($" {_mountPoint} ", StringComparison.Ordinal);

    private static void Check(nint result, string what) =>
        Assert.True(result >= 0, $"{what}: error {Marshal.GetLastPInvokeError()}");

    private static byte[] Name(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

#pragma warning disable SYSLIB1054, IDE1006 // As in Signals: this project allows no unsafe code. Native names.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int link(byte[] from, byte[] to);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int lsetxattr(byte[] path, byte[] name, byte[] value, nint size, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint lgetxattr(byte[] path, byte[] name, byte[] value, nint size);
#pragma warning restore SYSLIB1054, IDE1006
}
