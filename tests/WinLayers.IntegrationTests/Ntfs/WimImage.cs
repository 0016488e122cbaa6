using System.Buffers.Binary;
using System.Text;
using WinLayers.IntegrationTests.Testing;

namespace WinLayers.IntegrationTests.Ntfs;

/// <summary>A file or directory as wimlib read it from the volume.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Security">Its descriptor.</param>
/// <param name="Tag">The tag of a reparse point.</param>
/// <param name="Group">Names of one file have one number, a file with one name has zero.</param>
/// <param name="Streams">
/// SHA-1 of each stream by name; unnamed are the contents and, without its header, the reparse buffer. None of an empty one.
/// </param>
internal sealed record WimEntry(
    string Path, uint Attributes, byte[] Security, uint Tag, ulong Group, IReadOnlyList<(string Name, string Sha1)> Streams);

/// <summary>
/// Lets wimlib capture a volume, and reads the metadata of the one image, which is not compressed: see Microsoft's "Windows Imaging File
/// Format" and wimlib's headers.
/// </summary>
internal static class WimImage
{
    private const uint ReparsePoint = 0x400;

    public static async Task<List<WimEntry>> CaptureAsync(string volumeImage, string folder)
    {
        string wimlib = ExternalTool.Require("wimlib-imagex", "wimtools");
        string configuration = System.IO.Path.Combine(folder, "capture.ini"), wim = System.IO.Path.Combine(folder, "captured.wim");
        // Without a list of its own wimlib leaves out page files and the like.
        await File.WriteAllTextAsync(configuration, "[ExclusionList]\n", TestContext.Current.CancellationToken);
        await ToolProcess.RunAsync(
            wimlib, "capture", volumeImage, wim, "--compress=none", "--norpfix", "--strict-acls", "--config=" + configuration);
        return Read(await File.ReadAllBytesAsync(wim, TestContext.Current.CancellationToken));
    }

    private static List<WimEntry> Read(byte[] wim)
    {
        // The table of resources has 50 bytes each: size (7), flags (1), offset (8), size (8), part (2), references (4), SHA-1 (20).
        const int blobTable = 48, entrySize = 50, metadataFlag = 2;
        ReadOnlySpan<byte> table = Resource(wim, blobTable);
        for (; table.Length >= entrySize; table = table[entrySize..])
        {
            if ((table[7] & metadataFlag) == 0)
                continue;
            byte[] metadata = Resource(table.ToArray(), 0, wim).ToArray();
            List<byte[]> descriptors = ReadDescriptors(metadata, out int root);
            List<WimEntry> entries = [];
            // The root is unnamed and alone; what is in it follows.
            ReadFolder(metadata, (int)BinaryPrimitives.ReadUInt64LittleEndian(metadata.AsSpan(root + 16)), "", descriptors, entries);
            return entries;
        }

        throw new InvalidDataException("the WIM has no metadata");
    }

    private static ReadOnlySpan<byte> Resource(byte[] header, int at, byte[]? wim = null)
    {
        const ulong sizeMask = (1UL << 56) - 1;
        int size = (int)(BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(at)) & sizeMask);
        return (wim ?? header).AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(at + 8)), size);
    }

    // Total length (4), count (4), the length of each (8), then each; padded to 8.
    private static List<byte[]> ReadDescriptors(byte[] metadata, out int end)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(metadata), count = BinaryPrimitives.ReadInt32LittleEndian(metadata.AsSpan(4));
        List<byte[]> descriptors = [];
        int at = 8 + (count * 8);
        for (int i = 0; i < count; i++)
        {
            int size = (int)BinaryPrimitives.ReadUInt64LittleEndian(metadata.AsSpan(8 + (i * 8)));
            descriptors.Add(metadata[at..(at + size)]);
            at += size;
        }

        end = Aligned(Math.Max(length, 8));
        return descriptors;
    }

    private static void ReadFolder(byte[] metadata, int at, string above, List<byte[]> descriptors, List<WimEntry> entries)
    {
        while (BinaryPrimitives.ReadUInt64LittleEndian(metadata.AsSpan(at)) is var length and > 8)
        {
            ReadOnlySpan<byte> entry = metadata.AsSpan(at);
            uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            int security = BinaryPrimitives.ReadInt32LittleEndian(entry[12..]);
            int children = (int)BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            bool isReparse = (attributes & ReparsePoint) != 0;
            string path = above + Encoding.Unicode.GetString(entry.Slice(102, BinaryPrimitives.ReadUInt16LittleEndian(entry[100..])));
            List<(string Name, string Sha1)> streams = [];
            AddStream("", entry.Slice(64, 20));
            at += Aligned((int)length);
            for (int i = BinaryPrimitives.ReadUInt16LittleEndian(entry[96..]); i > 0; i--)
            {
                // Length (8), reserved (8), SHA-1 (20), the name's length (2), the name.
                ReadOnlySpan<byte> stream = metadata.AsSpan(at);
                ReadOnlySpan<byte> name = stream.Slice(38, BinaryPrimitives.ReadUInt16LittleEndian(stream[36..]));
                AddStream(Encoding.Unicode.GetString(name), stream.Slice(16, 20));
                at += Aligned((int)BinaryPrimitives.ReadUInt64LittleEndian(stream));
            }

            entries.Add(new WimEntry(path, attributes, security < 0 ? [] : descriptors[security],
                isReparse ? BinaryPrimitives.ReadUInt32LittleEndian(entry[88..]) : 0,
                isReparse ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(entry[88..]), streams));
            if (children != 0)
                ReadFolder(metadata, children, path + "\\", descriptors, entries);

            void AddStream(string name, ReadOnlySpan<byte> hash)
            {
                if (name.Length > 0 || hash.ContainsAnyExcept((byte)0))
                    streams.Add((name, Convert.ToHexStringLower(hash)));
            }
        }
    }

    private static int Aligned(int length) => (length + 7) & ~7;
}
