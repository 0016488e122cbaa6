using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// What NTFS has of every file of a layer's folder, one line each: loaded by verify-on-windows.ps1, and independent of the library that
/// it checks. The hash is of
/// the whole backup stream: security, extended attributes, reparse data, contents and alternate streams.
/// </summary>
public static class LayerFacts
{
    private const uint GenericRead = 0x80000000, AccessSystemSecurity = 0x01000000, WriteAttributes = 0x100, ShareAll = 7, OpenExisting = 3;
    private const uint BackupSemantics = 0x02000000, OpenReparsePoint = 0x00200000;

    /// <summary>The lines, by name. Needs SeBackupPrivilege and SeSecurityPrivilege.</summary>
    public static string[] Read(string layer)
    {
        EnablePrivileges("SeBackupPrivilege", "SeSecurityPrivilege");
        string root = @"\\?\" + Path.GetFullPath(layer).TrimEnd('\\');
        var files = new List<string>();
        foreach (string area in new[] { "Files", "Hives", "UtilityVM" })
        {
            if (Directory.Exists(Path.Join(root, area)))
                Walk(root, area, files);
        }

        files.Sort(StringComparer.Ordinal);
        var firstNames = new Dictionary<string, string>();
        return files.Select(file => Describe(root, file, firstNames)).ToArray();
    }

    private static void Walk(string root, string name, List<string> files)
    {
        files.Add(name);
        string path = Path.Join(root, name);
        FileAttributes attributes = File.GetAttributes(path);
        if (!attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.ReparsePoint))
            return;
        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false };
        foreach (string child in Directory.EnumerateFileSystemEntries(path, "*", options))
            Walk(root, name + "\\" + Path.GetFileName(child), files);
    }

    private static string Describe(string root, string name, Dictionary<string, string> firstNames)
    {
        string path = Path.Join(root, name);
        using SafeFileHandle file =
            CreateFile(path, GenericRead | AccessSystemSecurity | WriteAttributes, ShareAll, IntPtr.Zero, OpenExisting,
            BackupSemantics | OpenReparsePoint, IntPtr.Zero);
        if (file.IsInvalid)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), path);
        // Reading changes no access time: another name of the file, in a layer above, is looked at later.
        long unchanged = -1;
        Check(SetFileTime(file, IntPtr.Zero, ref unchanged, IntPtr.Zero), path);
        Check(GetFileInformationByHandleEx(file, 0, out BasicInformation basic, Marshal.SizeOf<BasicInformation>()), path);
        Check(GetFileInformationByHandle(file, out FileInformation information), path);
        string id = $"{information.Volume:x}-{information.IndexHigh:x}-{information.IndexLow:x}";
        if (!firstNames.TryGetValue(id, out string first))
            firstNames[id] = first = name;
        return string.Join('|', name, $"attributes {basic.Attributes:x}", $"creation {basic.Creation}", $"access {basic.Access}",
            $"write {basic.Write}", $"change {basic.Change}",
            $"links {information.Links}", first == name ? "" : $"same file as {first}", HashOf(file, path));
    }

    private static string HashOf(SafeFileHandle file, string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        IntPtr context = IntPtr.Zero;
        try
        {
            while (true)
            {
                Check(BackupRead(file, buffer, buffer.Length, out int read, false, true, ref context), path);
                if (read == 0)
                    return Convert.ToHexString(hash.GetHashAndReset());
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            BackupRead(file, buffer, 0, out _, true, true, ref context);
        }
    }

    private static void EnablePrivileges(params string[] names)
    {
        Check(OpenProcessToken(new IntPtr(-1), 0x28, out SafeFileHandle token), "the process token");
        using (token)
        {
            foreach (string name in names)
            {
                var privilege = new TokenPrivilege { Count = 1, Attributes = 2 };
                Check(LookupPrivilegeValue(null, name, out privilege.Id), name);
                Check(AdjustTokenPrivileges(token, false, ref privilege, 0, IntPtr.Zero, IntPtr.Zero), name);
                // It succeeds even where the privilege is not held.
                if (Marshal.GetLastPInvokeError() != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), name);
            }
        }
    }

    private static void Check(bool done, string what)
    {
        if (!done)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), what);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BasicInformation
    {
        public long Creation, Access, Write, Change;
        public uint Attributes, Padding;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct FileInformation
    {
        public uint Attributes;
        public long Creation, Access, Write;
        public uint Volume, SizeHigh, SizeLow, Links, IndexHigh, IndexLow;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct TokenPrivilege
    {
        public uint Count;
        public long Id;
        public uint Attributes;
    }

    [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern SafeFileHandle CreateFile(string path, uint access, uint share, IntPtr security, uint disposition, uint flags,
        IntPtr template);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool GetFileInformationByHandleEx(SafeFileHandle file, int kind, out BasicInformation information, int size);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool SetFileTime(SafeFileHandle file, IntPtr creation, ref long access, IntPtr write);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool GetFileInformationByHandle(SafeFileHandle file, out FileInformation information);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool BackupRead(SafeFileHandle file, byte[] buffer, int count, out int read, bool abort, bool security,
        ref IntPtr context);

    [DllImport("advapi32.dll", SetLastError = true)]
    private static extern bool OpenProcessToken(IntPtr process, uint access, out SafeFileHandle token);

    [DllImport("advapi32.dll", EntryPoint = "LookupPrivilegeValueW", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern bool LookupPrivilegeValue(string system, string name, out long id);

    [DllImport("advapi32.dll", SetLastError = true)]
    private static extern bool AdjustTokenPrivileges(SafeFileHandle token, bool disableAll, ref TokenPrivilege privilege, int length,
        IntPtr previous, IntPtr returned);
}
