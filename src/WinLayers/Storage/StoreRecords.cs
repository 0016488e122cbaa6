using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using WinLayers.Hosts.Portable;
using WinLayers.Images;
using WinLayers.Layers;

namespace WinLayers.Storage;

/// <summary>The small JSON documents of the store. They appear whole or not at all: written beside, synced, renamed.</summary>
internal static class StoreRecords
{
    /// <summary>The record in a stored layer's folder.</summary>
    public const string LayerRecord = "stored.json";

    private const string LayerFormat = "winlayers.stored/1";
    private const string ImageFormat = "winlayers.image/1";
    private const int LongestRecord = 4 << 20;

    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteLayer(string folder, LayerIdentity identity, string host) => Write(folder, LayerRecord, json =>
    {
        json.WriteString("format"u8, LayerFormat);
        json.WriteString("diffId"u8, identity.DiffId.ToString());
        json.WriteString("chainId"u8, identity.ChainId.ToString());
        if (identity.ParentChainId is { } parent)
            json.WriteString("parentChainId"u8, parent.ToString());
        json.WriteString("digest"u8, identity.Digest.ToString());
        json.WriteString("host"u8, host);
    });

    /// <summary>The record in a layer's folder; null where there is no such folder or no record in it.</summary>
    public static StoredLayer? ReadLayer(string folder)
    {
        string path = Path.Combine(folder, LayerRecord);
        return Read(path, LayerFormat, root => new StoredLayer(
            new LayerIdentity(
                DigestOf(root, "diffId"),
                DigestOf(root, "chainId"),
                root.TryGetProperty("parentChainId", out JsonElement parent) ? Digest.Parse(parent.GetString()!) : null,
                DigestOf(root, "digest")),
            folder,
            root.GetProperty("host").GetString()!));
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
        foreach (Digest chainId in image.Chain)
            json.WriteStringValue(chainId.ToString());
        json.WriteEndArray();
    });

    public static ImageRecord? ReadImage(string path) => Read(path, ImageFormat, root => new ImageRecord(
        DigestOf(root, "manifestDigest"),
        [.. root.GetProperty("references").EnumerateArray().Select(item => item.GetString()!)],
        [.. root.GetProperty("chain").EnumerateArray().Select(item => Digest.Parse(item.GetString()!))]));

    /// <summary>Whether a file is a record that was being written, perhaps by somebody who was killed then.</summary>
    public static bool IsUnfinished(string name) => name.StartsWith('.');

    public static string ImageFile(Digest manifestDigest) => $"{manifestDigest.Hex}.json";

    private static Digest DigestOf(JsonElement root, string name) => Digest.Parse(root.GetProperty(name).GetString()!);

    private static T? Read<T>(string path, string format, Func<JsonElement, T> read)
        where T : class
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists || file.LinkTarget is not null)
                return null;
            if (file.Length > LongestRecord)
                throw new FormatException($"it has {file.Length} bytes");
            using JsonDocument document = StrictJson.Parse(File.ReadAllBytes(path));
            string? found = document.RootElement.GetProperty("format").GetString();
            return found == format ? read(document.RootElement) : throw new FormatException($"the format is '{found}', expected '{format}'");
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception cause) when (cause is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            string reason = ReasonOf(cause), remedy = format == ImageFormat ? "Remove the file and unpack the image again." : "Unpack its image again.";
            throw new StoreException($"the record '{path}' is damaged: {reason}", remedy, cause) { Reason = reason };
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw StorageException.FromIO(cause, "cannot read", path);
        }
    }

    private static string ReasonOf(Exception cause) => cause switch
    {
        JsonException or FormatException => cause.Message.TrimEnd('.'),
        _ => "a field is missing or of the wrong type",
    };

    private static void Write(string folder, string name, Action<Utf8JsonWriter> write)
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
                ?? throw StorageException.FromIO(new IOException("the name is taken"), "cannot write", Path.Combine(folder, name)))
            {
                RandomAccess.Write(file, bytes.WrittenSpan, fileOffset: 0);
                RandomAccess.FlushToDisk(file);
            }

            host.Rename(temporary, host, name);
            host.Sync();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            RemoveUnfinished(host, temporary);
            throw StorageException.FromIO(cause, "cannot write", Path.Combine(folder, name));
        }
    }

    private static void RemoveUnfinished(HostFolder host, string name)
    {
        try
        {
            host.RemoveFile(name);
        }
        catch (StorageException)
        {
            // The failure on its way tells what is wrong with the disk; the collection of leftovers comes by.
        }
    }
}
