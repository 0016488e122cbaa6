using System.Buffers.Binary;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>Puts the entries of a layer onto a mounted volume.</summary>
internal static class NtfsWriter
{
    private const uint DirectoryFlag = 0x10, ReparsePoint = 0x400;

    /// <summary>Writes everything. Times come last, because all that comes before changes them.</summary>
    public static void Write(NtfsVolumeImage volume, IReadOnlyList<NtfsEntry> entries)
    {
        NtfsEntry[] files = [.. entries.Where(entry => entry.Target is null)];
        foreach (NtfsEntry entry in files)
            WriteContents(volume, entry);
        foreach (NtfsEntry entry in files)
            WriteMetadata(volume, entry);
        foreach (NtfsEntry entry in entries.Where(entry => entry.Target is not null))
            volume.Link(entry.Path, entry.Target!);
        foreach (NtfsEntry entry in files)
        {
            long[] own = volume.GetTimes(entry.Path);
            long Time(int number) => entry.Times[number] is not 0 and { } time ? time : own[number];
            volume.SetTimes(entry.Path, Time(0), Time(1), Time(2));
        }
    }

    private static void WriteContents(NtfsVolumeImage volume, NtfsEntry entry)
    {
        if (entry.IsDirectory)
            Directory.CreateDirectory(volume.At(entry.Path));
        else
            WriteNew(volume.At(entry.Path), entry.Content!());
        foreach ((string name, Func<byte[]> bytes) in entry.Streams)
            WriteNew(volume.At(entry.Path, name), bytes());
    }

    private static void WriteNew(string path, byte[] bytes)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(bytes);
    }

    private static void WriteMetadata(NtfsVolumeImage volume, NtfsEntry entry)
    {
        if (entry.ExtendedAttributes is { } list)
            volume.Set(entry.Path, "system.ntfs_ea", ExtendedAttributeLists.OnDisk(list));
        if (entry.Reparse is { } reparse)
            volume.Set(entry.Path, "system.ntfs_reparse_data", reparse);
        if (entry.Security is { } descriptor)
            volume.Set(entry.Path, "system.ntfs_acl", descriptor);
        byte[] attributes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(attributes, entry.Attributes & ~(DirectoryFlag | ReparsePoint));
        volume.Set(entry.Path, "system.ntfs_attrib_be", attributes);
    }
}
