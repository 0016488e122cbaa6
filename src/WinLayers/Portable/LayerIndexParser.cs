using System.Text.Json;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;
using static WinLayers.Portable.LayerIndexJson;

namespace WinLayers.Portable;

/// <summary>What kind of line it is.</summary>
internal enum LayerIndexLineKind
{
    Header,
    Value,
    Entry,
    End,
}

/// <summary>
/// Tells the lines of an index apart, and decodes those around the entries: header, values, end. Property order does not
/// matter, unknown properties are passed over.
/// </summary>
internal static class LayerIndexParser
{
    /// <summary>Tells lines apart by what they have.</summary>
    public static LayerIndexLineKind KindOf(ReadOnlySpan<byte> line)
    {
        // As this library writes nearly all of them.
        if (line.StartsWith("{\"path\":"u8))
            return LayerIndexLineKind.Entry;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (keys.Key.SequenceEqual("path"u8))
                return LayerIndexLineKind.Entry;
            if (keys.Key.SequenceEqual("format"u8))
                return LayerIndexLineKind.Header;
            if (keys.Key.SequenceEqual("value"u8))
                return LayerIndexLineKind.Value;
            if (keys.Key.SequenceEqual("end"u8))
                return LayerIndexLineKind.End;
            Pass(ref json, line);
        }

        throw new FormatException("a line has neither path, format, value nor end");
    }

    public static LayerIdentity ReadHeader(ReadOnlySpan<byte> line)
    {
        string? format = null;
        Digest? diffId = null, chainId = null, parent = null, digest = null;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (Is(ref json, keys.Key, "format"u8))
                format = json.GetString();
            else if (Is(ref json, keys.Key, "diffId"u8))
                diffId = Digest.Parse(json.GetString()!);
            else if (Is(ref json, keys.Key, "chainId"u8))
                chainId = Digest.Parse(json.GetString()!);
            else if (Is(ref json, keys.Key, "parentChainId"u8))
                parent = Digest.Parse(json.GetString()!);
            else if (Is(ref json, keys.Key, "digest"u8))
                digest = Digest.Parse(json.GetString()!);
            else
                Pass(ref json, line);
        }

        if (!LayerIndexWriter.IsKnown(format))
            throw new FormatException($"the format is '{format}', expected '{LayerIndexWriter.Format}'");
        if (diffId is null || chainId is null || digest is null)
            throw new FormatException("the header lacks diffId, chainId or digest");
        return new LayerIdentity(diffId.Value, chainId.Value, parent, digest.Value);
    }

    /// <summary>Which value a line has, and its bytes where they are wanted.</summary>
    public static (IndexValueKind Kind, int Number, byte[]? Bytes) ReadValue(ReadOnlySpan<byte> line, bool withBytes)
    {
        IndexValueKind? kind = null;
        int number = -1;
        byte[]? bytes = null;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (KindOfKey(keys.Key) is { } found)
            {
                json.Read();
                number = kind is null ? json.GetInt32() : throw new FormatException("a value is of two kinds");
                kind = found;
            }
            else if (withBytes && Is(ref json, keys.Key, "value"u8))
            {
                bytes = json.GetBytesFromBase64();
            }
            else
            {
                Pass(ref json, line);
            }
        }

        return kind is null || number < 0 ? throw new FormatException("a value has no number") : (kind.Value, number, bytes);
    }

    private static IndexValueKind? KindOfKey(ReadOnlySpan<byte> key) =>
        key.SequenceEqual(KeyOf(IndexValueKind.Security)) ? IndexValueKind.Security
        : key.SequenceEqual(KeyOf(IndexValueKind.ExtendedAttributes)) ? IndexValueKind.ExtendedAttributes
        : key.SequenceEqual(KeyOf(IndexValueKind.Reparse)) ? IndexValueKind.Reparse
        : null;

    public static (long Lines, string? Sha256) ReadEnd(ReadOnlySpan<byte> line)
    {
        long lines = -1;
        string? hash = null;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (!Is(ref json, keys.Key, "end"u8))
            {
                Pass(ref json, line);
                continue;
            }

            UniqueKeys inner = Object(ref json, line);
            while (inner.Next(ref json))
            {
                if (Is(ref json, inner.Key, "lines"u8))
                    lines = json.GetInt64();
                else if (Is(ref json, inner.Key, "sha256"u8))
                    hash = json.GetString();
                else
                    Pass(ref json, line);
            }
        }

        return (lines, hash);
    }
}
