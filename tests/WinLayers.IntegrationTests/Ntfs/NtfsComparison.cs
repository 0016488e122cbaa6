using System.Buffers.Binary;
using System.Security.Cryptography;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>Compares what a layer says with what is on the volume: wimlib tells one part, ntfs-3g extended attributes and times.</summary>
internal static class NtfsComparison
{
    private const uint DirectoryFlag = 0x10, Normal = 0x80, ReparsePoint = 0x400;
    private const string NoBytes = "0000000000000000000000000000000000000000";
    private static readonly string[] TimeNames = ["creation", "access", "write", "change"];

    /// <summary>What differs, a line each: the path, the field, both values.</summary>
    public static List<string> Differences(
        IReadOnlyList<NtfsEntry> expected, IReadOnlyList<WimEntry> captured, NtfsVolumeImage mounted,
        Dictionary<string, string> fileNumbers)
    {
        Dictionary<string, WimEntry> there = captured.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        Dictionary<string, NtfsEntry> files = expected.ToDictionary(entry => entry.Path, StringComparer.OrdinalIgnoreCase);
        List<string> differences = [.. there.Keys.Except(files.Values.Select(entry => entry.Path), StringComparer.Ordinal)
            .Select(path => $"{path}: only on the volume")];
        ILookup<string, string> names = expected.Where(entry => !entry.IsDirectory)
            .ToLookup(entry => Resolve(entry, files).Path, entry => entry.Path, StringComparer.Ordinal);
        ILookup<ulong, string> groups = captured.ToLookup(entry => entry.Group, entry => entry.Path);
        ILookup<string, string> numbers = fileNumbers.ToLookup(file => file.Value, file => file.Key, StringComparer.Ordinal);
        foreach (NtfsEntry entry in expected)
        {
            if (!there.TryGetValue(entry.Path, out WimEntry? actual))
            {
                differences.Add($"{entry.Path}: only in the layer");
                continue;
            }

            NtfsEntry file = Resolve(entry, files);
            Compare("attributes", AttributesOf(file).ToString("x"), actual.Attributes.ToString("x"));
            if (file.Security is { } descriptor)
                Compare("descriptor", Convert.ToHexString(descriptor), Convert.ToHexString(actual.Security));
            Compare("tag", TagOf(file).ToString("x"), actual.Tag.ToString("x"));
            Compare("streams", StreamsOf(file), Describe(actual.Streams));
            if (!entry.IsDirectory)
                Compare("names", Join(names[file.Path]), NamesOf(actual));
            Compare("extended attributes", ExtendedAttributeLists.Describe(file.ExtendedAttributes),
                ExtendedAttributeLists.Describe(mounted.Get(entry.Path, "system.ntfs_ea")));
            long[] times = mounted.GetTimes(entry.Path);
            for (int i = 0; i < TimeNames.Length; i++)
            {
                if (file.Times[i] != 0)
                    Compare(TimeNames[i], $"{file.Times[i]}", $"{times[i]}");
            }

            // A WIM has no room for the group of a reparse point: there ntfs-3g says which names are one file.
            string NamesOf(WimEntry one) => one.Tag != 0 ? Join(numbers[fileNumbers[one.Path]])
                : one.Group == 0 ? one.Path : Join(groups[one.Group]);

            void Compare(string field, string said, string found)
            {
                if (!string.Equals(said, found, StringComparison.Ordinal))
                    differences.Add($"{entry.Path}: {field}: {said} in the layer, {found} on the volume");
            }
        }

        return differences;
    }

    private static NtfsEntry Resolve(NtfsEntry entry, Dictionary<string, NtfsEntry> files)
    {
        while (entry.Target is { } target)
            entry = files[target];
        return entry;
    }

    private static string Join(IEnumerable<string> names) => string.Join(" = ", names.Order(StringComparer.Ordinal));

    private static uint AttributesOf(NtfsEntry entry)
    {
        uint attributes =
            (entry.Attributes & ~Normal) | (entry.IsDirectory ? DirectoryFlag : 0) | (entry.Reparse is null ? 0 : ReparsePoint);
        return attributes == 0 ? Normal : attributes;
    }

    private static uint TagOf(NtfsEntry entry) => entry.Reparse is { } buffer ? BinaryPrimitives.ReadUInt32LittleEndian(buffer) : 0;

    private static string StreamsOf(NtfsEntry entry)
    {
        const int reparseHeader = 8;
        List<(string, string)> streams = [.. entry.Streams.Select(stream => (stream.Key, HashOf(stream.Value())))];
        if (entry.Content is { } content && HashOf(content()) is var hash and not NoBytes)
            streams.Add(("", hash));
        if (entry.Reparse is { } buffer && HashOf(buffer.AsSpan(reparseHeader)) is var data and not NoBytes)
            streams.Add(("", data));
        return Describe(streams);
    }

    // wimlib writes zeros for the hash of a stream without bytes.
    private static string HashOf(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? NoBytes : Convert.ToHexStringLower(Sha1(bytes));

#pragma warning disable CA5350 // A WIM names its contents by SHA-1.
    private static byte[] Sha1(ReadOnlySpan<byte> bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350

    private static string Describe(IEnumerable<(string Name, string Sha1)> streams) =>
        string.Join(", ", streams.Select(stream => $"'{stream.Name}' {stream.Sha1}").Order(StringComparer.Ordinal));
}
