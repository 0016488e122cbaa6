using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using WinLayers.Formats.Ntfs;
using WinLayers.Oci.Digests;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>Writes lines of <c>layer.jsonl</c>. Not safe for several threads; each has its own.</summary>
internal sealed class LayerIndexWriter : IDisposable
{
    /// <summary>The format in the header line.</summary>
    public const string Format = "winlayers.layer/2";

    /// <summary>The format of the first release, in which extended attributes and reparse data stood in each entry's line.</summary>
    public const string FirstFormat = "winlayers.layer/1";

    /// <summary>Whether this program reads the format.</summary>
    public static bool IsKnown(string? format) => format is Format or FirstFormat;

    private static readonly JsonWriterOptions Options = new()
    {
        // Names stay readable; this is no HTML. What is written here is well-formed by construction.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly Utf8JsonWriter _json;

    public LayerIndexWriter(ArrayBufferWriter<byte> buffer)
    {
        _buffer = buffer;
        _json = new Utf8JsonWriter(buffer, Options);
    }

    public void WriteHeader(LayerIdentity identity)
    {
        _json.WriteStartObject();
        _json.WriteString("format"u8, Format);
        _json.WriteString("diffId"u8, identity.DiffId.ToString());
        _json.WriteString("chainId"u8, identity.ChainId.ToString());
        if (identity.ParentChainId is { } parent)
            _json.WriteString("parentChainId"u8, parent.ToString());
        _json.WriteString("digest"u8, identity.Digest.ToString());
        EndLine();
    }

    public void WriteValue(NewIndexValue value)
    {
        _json.WriteStartObject();
        _json.WriteNumber(LayerIndexJson.KeyOf(value.Kind), value.Number);
        _json.WriteBase64String("value"u8, value.Bytes.Span);
        EndLine();
    }

    /// <summary>Writes the line of an entry.</summary>
    public void Write(LayerIndexEntry entry, IndexValueNumbers values)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, entry.Path.Value);
        _json.WriteString("kind"u8, KindName(entry.Kind));
        if (entry.Target is { } target)
            _json.WriteString("target"u8, target.Value);
        if (entry.From is { } from)
            _json.WriteString("from"u8, from.ToString());
        if (entry.Kind == LayerIndexKind.File || entry.Sha256 is not null)
            _json.WriteNumber("size"u8, entry.Size);
        if (entry.Sha256 is { } hash)
            _json.WriteString("sha256"u8, hash.Hex);
        WriteMetadata(entry, values);
        WriteStreams(entry.Streams);
        if (entry.IsStoredAside)
            _json.WriteString("stored"u8, StoredNames.SubstituteFor(entry.Path.Name));
        if (entry.IsCopy)
            _json.WriteBoolean("copy"u8, true);
        EndLine();
    }

    /// <summary>Writes the last line: that the index is whole, and what it was until here.</summary>
    public void WriteEnd(long lines, Digest sha256)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("end"u8);
        _json.WriteNumber("lines"u8, lines);
        _json.WriteString("sha256"u8, sha256.Hex);
        _json.WriteEndObject();
        EndLine();
    }

    public void Dispose() => _json.Dispose();

    private static ReadOnlySpan<byte> KindName(LayerIndexKind kind) => kind switch
    {
        LayerIndexKind.File => "file"u8,
        LayerIndexKind.Directory => "directory"u8,
        LayerIndexKind.Link => "link"u8,
        _ => "removed"u8,
    };

    private void WriteMetadata(LayerIndexEntry entry, IndexValueNumbers values)
    {
        if (entry.Kind == LayerIndexKind.Removed || (entry.Kind == LayerIndexKind.Link && entry.Sha256 is null))
            return;
        FileMetadata metadata = entry.Metadata;
        _json.WriteNumber("attributes"u8, (uint)metadata.Attributes);
        WriteTime("creation"u8, metadata.Times.Creation);
        WriteTime("access"u8, metadata.Times.Access);
        WriteTime("write"u8, metadata.Times.Write);
        WriteTime("change"u8, metadata.Times.Change);
        WriteNumber(IndexValueKind.Security, values.Security);
        WriteNumber(IndexValueKind.ExtendedAttributes, values.ExtendedAttributes);
        WriteNumber(IndexValueKind.Reparse, values.Reparse);
    }

    private void WriteNumber(IndexValueKind kind, int number)
    {
        if (number >= 0)
            _json.WriteNumber(LayerIndexJson.KeyOf(kind), number);
    }

    private void WriteTime(ReadOnlySpan<byte> name, FileTime time)
    {
        if (time.Ticks != 0)
            _json.WriteNumber(name, time.Ticks);
    }

    private void WriteStreams(IReadOnlyList<LayerIndexStream> streams)
    {
        if (streams.Count == 0)
            return;
        _json.WriteStartArray("streams"u8);
        foreach (LayerIndexStream stream in streams)
        {
            _json.WriteStartObject();
            _json.WriteString("name"u8, stream.Name);
            _json.WriteNumber("size"u8, stream.Size);
            _json.WriteString("sha256"u8, stream.Sha256.Hex);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void EndLine()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _buffer.Write("\n"u8);
    }
}
