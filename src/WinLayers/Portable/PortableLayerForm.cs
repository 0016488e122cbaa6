using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Hosts;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Portable;

/// <summary>A layer's folder as the portable host makes it: its index says so in its first line.</summary>
public sealed class PortableLayerForm : ILayerFolderForm
{
    private const int LongestHeader = 64 << 10;

    /// <summary>The only one that is needed: it has no state.</summary>
    public static PortableLayerForm Instance { get; } = new();

    /// <inheritdoc/>
    public string Host => PortableLayerHost.Instance.Name;

    /// <inheritdoc/>
    public IReadOnlySet<string> Names { get; } = new HashSet<string>(
        [.. LayerRoots.All, StoredNames.Streams, StoredNames.Index, LayerChain.FileName, .. BootFiles.SavedNames],
            StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool IsCertain(string folder)
    {
        string index = Path.Combine(folder, StoredNames.Index);
        byte[] start = new byte[LongestHeader];
        int length = ReadStart(index, start);
        int line = start.AsSpan(0, length).IndexOf((byte)'\n');
        if (line < 0)
            return false;
        try
        {
            using var header = StrictJson.Parse(start.AsMemory(0, line));
            return header.RootElement.TryGetProperty("format", out JsonElement format) && LayerIndexWriter.IsKnown(format.GetString());
        }
        catch (Exception damage) when (damage is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static int ReadStart(string index, byte[] start)
    {
        try
        {
            using FileStream file = PlainFile.OpenRead(index);
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception other) when (other is FileNotFoundException or DirectoryNotFoundException
            or DiskException { Reason: DiskFailure.NotAPlainFile })
        {
            // Nothing there that a layer has there.
            return 0;
        }
    }
}
