using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Storage;

/// <summary>The small JSON documents of the store. They appear whole or not at all: written beside, synced, renamed.</summary>
internal static class StoreRecords
{
    /// <summary>The record in a stored layer's folder.</summary>
    public const string LayerRecord = LayerFolderNames.StoredRecord;

    private const string LayerFormat = "winlayers.stored/1";
    private const string ImageFormat = "winlayers.image/1";
    private const string HoldFormat = "winlayers.hold/1";
    private const int LongestRecord = 4 << 20;

    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteLayer(string folder, LayerIdentity identity, string host, LayerCounts? counts) =>
        Write(folder, LayerRecord, json =>
    {
        json.WriteString("format"u8, LayerFormat);
        json.WriteString("diffId"u8, identity.DiffId.ToString());
        json.WriteString("chainId"u8, identity.ChainId.ToString());
        if (identity.ParentChainId is { } parent)
            json.WriteString("parentChainId"u8, parent.ToString());
        json.WriteString("digest"u8, identity.Digest.ToString());
        json.WriteString("host"u8, host);
        if (counts is not null)
            WriteCounts(json, counts);
    });

    /// <summary>The record in a layer's folder; null where there is no such folder or no record in it.</summary>
    /// <exception cref="StoreException">The record is damaged, or a link is in the folder's place.</exception>
    public static StoredLayer? ReadLayer(string folder)
    {
        string path = Path.Combine(folder, LayerRecord);
        if (new DirectoryInfo(folder) is { LinkTarget: not null })
            throw new StoreException($"the layer's folder '{folder}' is a link", "Unpack its image again.") { Problem = "it is a link" };
        return Read(path, LayerFormat, root => new StoredLayer(
            new LayerIdentity(
                DigestOf(root, "diffId"),
                DigestOf(root, "chainId"),
                root.TryGetProperty("parentChainId", out JsonElement parent) ? Digest.Parse(parent.GetString()!) : null,
                DigestOf(root, "digest")),
            folder,
            root.GetProperty("host").GetString()!)
        {
            Counts = root.TryGetProperty("counts", out JsonElement counts) ? ReadCounts(counts) : null,
        });
    }

    private static void WriteCounts(Utf8JsonWriter json, LayerCounts counts)
    {
        json.WriteStartObject("counts"u8);
        json.WriteNumber("entries"u8, counts.Entries);
        json.WriteNumber("files"u8, counts.Files);
        json.WriteNumber("contentBytes"u8, counts.ContentBytes);
        json.WriteNumber("tarBytes"u8, counts.TarBytes);
        json.WriteNumber("blobBytes"u8, counts.BlobBytes);
        json.WriteEndObject();
    }

    private static LayerCounts ReadCounts(JsonElement counts)
    {
        return new(Count("entries"), Count("files"), Count("contentBytes"), Count("tarBytes"), Count("blobBytes"));

        long Count(string name) =>
            counts.GetProperty(name).GetInt64() is >= 0 and var count ? count : throw new FormatException($"'{name}' is negative");
    }

    public static void WriteImage(string folder, ImageRecord image) => Write(folder, ImageFile(image.ManifestDigest), json =>
    {
        json.WriteString("format"u8, ImageFormat);
        json.WriteString("manifestDigest"u8, image.ManifestDigest.ToString());
        json.WriteStartArray("references"u8);
        foreach (string reference in image.References)
            json.WriteStringValue(reference);
        json.WriteEndArray();
        json.WriteStartArray("chain"u8);
        // The file has them base first, as its first version had.
        foreach (Digest chainId in image.Chain.Reverse())
            json.WriteStringValue(chainId.ToString());
        json.WriteEndArray();
    });

    public static ImageRecord? ReadImage(string path) => Read(path, ImageFormat, root => new ImageRecord(
        DigestOf(root, "manifestDigest"),
        [.. root.GetProperty("references").EnumerateArray().Select(item => item.GetString()!)],
        [.. root.GetProperty("chain").EnumerateArray().Select(item => Digest.Parse(item.GetString()!)).Reverse()]));

    public static void WriteHold(string folder, StoreHold hold) => Write(folder, HoldFile(hold.Name), json =>
    {
        json.WriteString("format"u8, HoldFormat);
        WriteDigests(json, "chainIds", hold.ChainIds);
        WriteDigests(json, "digests", hold.Digests);
    });

    public static StoreHold? ReadHold(string path) => Read(path, HoldFormat, root =>
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return StoreHold.IsName(name)
            ? new StoreHold(name, DigestsOf(root, "chainIds"), DigestsOf(root, "digests"))
            : throw new FormatException($"'{name}' is no name of a hold");
    });

    /// <summary>Whether a file is a record that was being written, perhaps by somebody who was killed then.</summary>
    public static bool IsUnfinished(string name) => name.StartsWith('.');

    public static string ImageFile(Digest manifestDigest) => $"{manifestDigest.Hex}.json";

    public static string HoldFile(string name) => $"{name}.json";

    public static void WriteDigests(Utf8JsonWriter json, string name, IReadOnlyList<Digest> digests)
    {
        json.WriteStartArray(name);
        foreach (Digest digest in digests)
            json.WriteStringValue(digest.ToString());
        json.WriteEndArray();
    }

    public static IReadOnlyList<Digest> DigestsOf(JsonElement root, string name) =>
        [.. root.GetProperty(name).EnumerateArray().Select(item => Digest.Parse(item.GetString()!))];

    private static Digest DigestOf(JsonElement root, string name) => Digest.Parse(root.GetProperty(name).GetString()!);

    public static T? Read<T>(string path, string format, Func<JsonElement, T> read)
        where T : class
    {
        try
        {
            if (PlainFile.TryRead(path, LongestRecord) is not { } bytes)
                return null;
            if (bytes.Length > LongestRecord)
                throw new FormatException($"it has more than {LongestRecord} bytes");
            using JsonDocument document = StrictJson.Parse(bytes);
            string? found = document.RootElement.GetProperty("format").GetString();
            if (found == format)
                return read(document.RootElement);
            throw IsNewer(found, format) ? OfNewerVersion(path, found!)
                : new FormatException($"the format is '{found}', expected '{format}'");
        }
        catch (Exception cause) when (
            cause is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentNullException
                or DiskException { Reason: DiskFailure.NotAPlainFile })
        {
            string reason = ReasonOf(cause);
            string remedy = format switch
            {
                ImageFormat => "Remove the file and unpack the image again.",
                HoldFormat => "Remove the file, once whoever made it needs nothing of the store any more.",
                _ => "Unpack its image again.",
            };
            throw new StoreException($"the record '{path}' is damaged: {reason}", remedy, cause) { Problem = reason };
        }
    }

    // Fields may be added within a version, and are passed over; what may not be is a new version.
    private static bool IsNewer(string? found, string format)
    {
        int version = format.LastIndexOf('/') + 1;
        return found is not null && found.StartsWith(format.AsSpan(0, version), StringComparison.Ordinal)
            && int.TryParse(found.AsSpan(version), NumberStyles.None, CultureInfo.InvariantCulture, out int newer)
            && newer > int.Parse(format.AsSpan(version), CultureInfo.InvariantCulture);
    }

    private static StoreException OfNewerVersion(string path, string format) =>
        new($"the record '{path}' is of a newer version, '{format}'", "Use the version of WinLayers that wrote it, or a newer one.")
        {
            Problem = $"it is of a newer version, '{format}'",
            IsOfNewerVersion = true,
        };

    // The parser's own words are about its states and offsets, and longer than a line.
    private static string ReasonOf(Exception cause) => cause switch
    {
        JsonException or FormatException => cause.Message.TrimEnd('.'),
        DiskException => "it is a link, a folder or a device",
        _ => "a field is missing or of the wrong type",
    };

    /// <summary>Removes a record; false where there is none.</summary>
    public static bool Remove(string folder, string name)
    {
        using HostFolder records = HostFolder.Open(folder);
        if (records.Find(name) is null)
            return false;
        records.RemoveFile(name);
        records.Sync();
        return true;
    }

    public static void Write(string folder, string name, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        string temporary = $".{name}.{Path.GetRandomFileName()}";
        using HostFolder host = HostFolder.Open(folder);
        try
        {
            using (SafeFileHandle file = host.TryMakeFile(temporary)
                ?? throw DiskException.FromIO(new IOException("the name is taken"), "cannot write", Path.Combine(folder, name)))
            {
                RandomAccess.Write(file, bytes.WrittenSpan, fileOffset: 0);
                RandomAccess.FlushToDisk(file);
            }

            if (host.Find(name) is { Kind: HostItemKind.Folder })
                host.RemoveTree(name);
            host.Rename(temporary, host, name);
            host.Sync();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Unfinished.Remove(host, temporary);
            throw DiskException.FromIO(cause, "cannot write", Path.Combine(folder, name));
        }
    }
}
