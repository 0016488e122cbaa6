using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Portable;

/// <summary>Reads single entries of an index by their offset, with their values. Not safe for several threads.</summary>
internal sealed class LayerIndexFile(SafeFileHandle file, string name, Func<IndexValueKind, int, long> valueOffset)
    : IIndexValueSource, IDisposable
{
    private readonly LayerIndexLines _lines = new(file, name, LayerIndexLines.SmallBuffer);
    private readonly LayerIndexLines _valueLines = new(file, name, LayerIndexLines.SmallBuffer);
    private readonly Remembered<SecurityDescriptor> _security = new();
    private readonly Remembered<ExtendedAttributes> _extendedAttributes = new();
    private readonly Remembered<ReparsePoint> _reparse = new();

    /// <summary>The entry whose line starts at the offset.</summary>
    public LayerIndexEntry ReadAt(long offset)
    {
        _lines.Seek(offset);
        return _lines.TryRead(out ReadOnlyMemory<byte> line) ? Decode(line.Span)
            : throw new LayerIndexException(name, "lacks a line it had");
    }

    /// <summary>Decodes an entry's line.</summary>
    public LayerIndexEntry Decode(ReadOnlySpan<byte> line)
    {
        try
        {
            return LayerIndexEntryParser.ReadEntry(line, this);
        }
        catch (Exception cause) when (IsDamage(cause))
        {
            throw new LayerIndexException(name, $"is damaged: {cause.Message}", cause);
        }
    }

    /// <summary>Whether a failure of parsing is the document's fault.</summary>
    public static bool IsDamage(Exception cause) =>
        cause is JsonException or FormatException or InvalidOperationException or LayerRefusedException or OverflowException
            or ArgumentException;

    public SecurityDescriptor Security(int number) =>
        _security.Get(number, () => SecurityDescriptor.FromBytes(ReadValue(IndexValueKind.Security, number)));

    public ExtendedAttributes ExtendedAttributes(int number) =>
        _extendedAttributes.Get(number,
            () => Formats.Ntfs.ExtendedAttributes.FromList(ReadValue(IndexValueKind.ExtendedAttributes, number)));

    public ReparsePoint Reparse(int number) =>
        _reparse.Get(number, () => ReparsePoint.FromBuffer(ReadValue(IndexValueKind.Reparse, number)));

    public void Dispose()
    {
        _lines.Dispose();
        _valueLines.Dispose();
    }

    private byte[] ReadValue(IndexValueKind kind, int number)
    {
        _valueLines.Seek(valueOffset(kind, number));
        if (!_valueLines.TryRead(out ReadOnlyMemory<byte> line))
            throw new FormatException($"value {number} of the kind {kind} is missing");
        return LayerIndexParser.ReadValue(line.Span, withBytes: true).Bytes
            ?? throw new FormatException($"value {number} of the kind {kind} has no bytes");
    }

    /// <summary>Values of one kind that were read before, of which a layer has few.</summary>
    private sealed class Remembered<T>
        where T : class
    {
        private const int Limit = 256;

        private readonly Dictionary<int, T> _known = [];

        public T Get(int number, Func<T> read)
        {
            if (_known.TryGetValue(number, out T? known))
                return known;
            T value = read();
            if (_known.Count >= Limit)
                _known.Clear();
            _known.Add(number, value);
            return value;
        }
    }
}
