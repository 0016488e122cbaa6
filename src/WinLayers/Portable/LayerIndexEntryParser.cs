using System.Text.Json;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Text;
using WinLayers.Oci.Digests;
using static WinLayers.Portable.LayerIndexJson;

namespace WinLayers.Portable;

/// <summary>Looks values up by their numbers.</summary>
internal interface IIndexValueSource
{
    /// <summary>The security descriptor with this number.</summary>
    SecurityDescriptor Security(int number);

    /// <summary>The extended attributes with this number.</summary>
    ExtendedAttributes ExtendedAttributes(int number);

    /// <summary>The reparse point with this number.</summary>
    ReparsePoint Reparse(int number);
}

/// <summary>Decodes the lines of entries. Property order does not matter, unknown properties are passed over.</summary>
internal static class LayerIndexEntryParser
{
    /// <summary>Decodes a whole entry; values that stand in lines of their own come from whoever can look them up.</summary>
    public static LayerIndexEntry ReadEntry(ReadOnlySpan<byte> line, IIndexValueSource values)
    {
        LayerPath? path = null, target = null;
        LayerIndexKind? kind = null;
        Digest? from = null, hash = null;
        long size = 0, creation = 0, access = 0, write = 0, change = 0;
        uint attributes = 0;
        FileMetadata metadata = new();
        List<LayerIndexStream>? streams = null;
        bool copy = false, stored = false;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (Is(ref json, keys.Key, "path"u8))
                path = ReadPath(ref json);
            else if (Is(ref json, keys.Key, "kind"u8))
                kind = ReadKind(ref json);
            else if (Is(ref json, keys.Key, "size"u8))
                size = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "sha256"u8))
                hash = ReadHash(ref json);
            else if (Is(ref json, keys.Key, "attributes"u8))
                attributes = json.GetUInt32();
            else if (Is(ref json, keys.Key, "creation"u8))
                creation = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "access"u8))
                access = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "write"u8))
                write = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "change"u8))
                change = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "sd"u8))
                metadata = metadata with { Security = values.Security(json.GetInt32()) };
            else if (Is(ref json, keys.Key, "ea"u8))
                metadata = metadata with
                {
                    ExtendedAttributes = json.TokenType == JsonTokenType.Number
                        ? values.ExtendedAttributes(json.GetInt32())
                        : ExtendedAttributes.FromList(json.GetBytesFromBase64()),
                };
            else if (Is(ref json, keys.Key, "reparse"u8))
                metadata = metadata with
                {
                    Reparse = json.TokenType == JsonTokenType.Number
                        ? values.Reparse(json.GetInt32())
                        : ReparsePoint.FromBuffer(json.GetBytesFromBase64()),
                };
            else if (Is(ref json, keys.Key, "target"u8))
                target = ReadPath(ref json);
            else if (Is(ref json, keys.Key, "from"u8))
                from = Digest.Parse(json.GetString()!);
            else if (Is(ref json, keys.Key, "copy"u8))
                copy = json.GetBoolean();
            else if (Is(ref json, keys.Key, "stored"u8))
                stored = true;
            else if (Is(ref json, keys.Key, "streams"u8))
                streams = ReadStreams(ref json, line);
            else
                Pass(ref json, line);
        }

        if (path is null || kind is null || (kind == LayerIndexKind.Link && target is null))
            throw new FormatException("an entry lacks its path, kind or target");
        return new LayerIndexEntry
        {
            Path = path.Value,
            Kind = kind.Value,
            Size = size,
            Sha256 = hash,
            Metadata = metadata with
            {
                Attributes = (FileAttributes)attributes,
                Times = new FileTimes(new(creation), new(access), new(write), new(change)),
            },
            Streams = streams ?? [],
            Target = target,
            From = from,
            IsCopy = copy,
            IsStoredAside = stored,
        };
    }

    /// <summary>Decodes only what a tree of names needs, without an object per line.</summary>
    public static LayerIndexOutline ReadOutline(ReadOnlySpan<byte> line)
    {
        LayerIndexOutline outline = default;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (Is(ref json, keys.Key, "path"u8))
                outline.Path = ReadPath(ref json);
            else if (Is(ref json, keys.Key, "kind"u8))
                outline.Kind = ReadKind(ref json);
            else if (Is(ref json, keys.Key, "size"u8))
                outline.Size = ReadNumber(ref json);
            else if (Is(ref json, keys.Key, "reparse"u8))
                outline.IsReparse = true;
            else if (Is(ref json, keys.Key, "target"u8))
                outline.Target = ReadPath(ref json);
            else if (Is(ref json, keys.Key, "attributes"u8))
                outline.HasMetadata = true;
            else if (Is(ref json, keys.Key, "stored"u8))
                outline.IsStoredAside = true;
            else
                Pass(ref json, line);
        }

        return outline;
    }

    private static LayerIndexKind ReadKind(ref Utf8JsonReader json) =>
        json.ValueTextEquals("file"u8) ? LayerIndexKind.File
        : json.ValueTextEquals("directory"u8) ? LayerIndexKind.Directory
        : json.ValueTextEquals("link"u8) ? LayerIndexKind.Link
        : json.ValueTextEquals("removed"u8) ? LayerIndexKind.Removed
        : throw new FormatException($"'{json.GetString()}' is no kind");

    private static List<LayerIndexStream> ReadStreams(ref Utf8JsonReader json, ReadOnlySpan<byte> line)
    {
        List<LayerIndexStream> streams = [];
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            string name = "";
            long size = 0;
            Digest? hash = null;
            UniqueKeys keys = Object(ref json, line);
            while (keys.Next(ref json))
            {
                if (Is(ref json, keys.Key, "name"u8))
                    name = json.GetString() ?? throw new FormatException("a stream's name is null");
                else if (Is(ref json, keys.Key, "size"u8))
                    size = ReadNumber(ref json);
                else if (Is(ref json, keys.Key, "sha256"u8))
                    hash = ReadHash(ref json);
                else
                    Pass(ref json, line);
            }

            streams.Add(new LayerIndexStream(name, size, hash ?? throw new FormatException("a stream has no sha256")));
        }

        return streams;
    }
}
