using System.Text.Json;
using WinLayers.Images;
using WinLayers.Layers;
using WinLayers.Ntfs;

namespace WinLayers.Hosts.Portable;

/// <summary>What kind of line it is.</summary>
internal enum LayerIndexLineKind
{
    Header,
    Security,
    Entry,
    End,
}

/// <summary>Decodes single lines of an index. Property order does not matter, unknown properties are passed over.</summary>
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
                return LayerIndexLineKind.Security;
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

        if (format != LayerIndexWriter.Format)
            throw new FormatException($"the format is '{format}', expected '{LayerIndexWriter.Format}'");
        if (diffId is null || chainId is null || digest is null)
            throw new FormatException("the header lacks diffId, chainId or digest");
        return new LayerIdentity(diffId.Value, chainId.Value, parent, digest.Value);
    }

    public static (int Number, SecurityDescriptor? Descriptor) ReadSecurity(ReadOnlySpan<byte> line, bool withValue)
    {
        int number = -1;
        SecurityDescriptor? descriptor = null;
        Utf8JsonReader json = Begin(line, out UniqueKeys keys);
        while (keys.Next(ref json))
        {
            if (Is(ref json, keys.Key, "sd"u8))
                number = json.GetInt32();
            else if (withValue && Is(ref json, keys.Key, "value"u8))
                descriptor = SecurityDescriptor.FromBytes(json.GetBytesFromBase64());
            else
                Pass(ref json, line);
        }

        return number < 0 ? throw new FormatException("a security descriptor has no number") : (number, descriptor);
    }

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

    /// <summary>Decodes a whole entry; the security descriptor stays with whoever can look it up.</summary>
    public static LayerIndexEntry ReadEntry(ReadOnlySpan<byte> line, Func<int, SecurityDescriptor> security)
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
                metadata = metadata with { Security = security(json.GetInt32()) };
            else if (Is(ref json, keys.Key, "ea"u8))
                metadata = metadata with { ExtendedAttributes = ExtendedAttributes.FromList(json.GetBytesFromBase64()) };
            else if (Is(ref json, keys.Key, "reparse"u8))
                metadata = metadata with { Reparse = ReparsePoint.FromBuffer(json.GetBytesFromBase64()) };
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

    private static Utf8JsonReader Begin(ReadOnlySpan<byte> line, out UniqueKeys keys)
    {
        Utf8JsonReader json = new(line);
        json.Read();
        keys = Object(ref json, line);
        return json;
    }

    private static UniqueKeys Object(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> line) =>
        json.TokenType == JsonTokenType.StartObject ? new UniqueKeys(ref json, line) : throw new FormatException("a line is no object");

    // Moves to the value where the property has the name.
    private static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name) => key.SequenceEqual(name) && json.Read();

    private static void Pass(ref Utf8JsonReader json, ReadOnlySpan<byte> line)
    {
        json.Read();
        StrictJson.Pass(ref json, line);
    }

    private static LayerIndexKind ReadKind(ref Utf8JsonReader json) =>
        json.ValueTextEquals("file"u8) ? LayerIndexKind.File
        : json.ValueTextEquals("directory"u8) ? LayerIndexKind.Directory
        : json.ValueTextEquals("link"u8) ? LayerIndexKind.Link
        : json.ValueTextEquals("removed"u8) ? LayerIndexKind.Removed
        : throw new FormatException($"'{json.GetString()}' is no kind");

    // Sizes and times, which are never negative.
    private static long ReadNumber(ref Utf8JsonReader json) =>
        json.GetInt64() is >= 0 and var number ? number : throw new FormatException("a size or a time is negative");

    private static LayerPath ReadPath(ref Utf8JsonReader json) =>
        LayerPath.FromValue(json.GetString() ?? throw new FormatException("a path is null"));

    private static Digest ReadHash(ref Utf8JsonReader json) => Digest.Parse("sha256:" + json.GetString());

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

/// <summary>The part of an entry that a tree of names needs.</summary>
internal struct LayerIndexOutline
{
    public LayerPath Path;
    public LayerPath? Target;
    public LayerIndexKind Kind;
    public long Size;
    public bool IsReparse;
    public bool HasMetadata;
    public bool IsStoredAside;
}
