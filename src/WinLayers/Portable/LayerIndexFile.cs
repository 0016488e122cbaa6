using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Portable;

/// <summary>Reads single entries of an index by their offset, with their security descriptors. Not safe for several threads.</summary>
internal sealed class LayerIndexFile(SafeFileHandle file, string name, Func<int, long> securityOffset) : IDisposable
{
    private const int RememberedDescriptors = 256;

    private readonly LayerIndexLines _lines = new(file, name);
    private readonly LayerIndexLines _securityLines = new(file, name);
    private readonly Dictionary<int, SecurityDescriptor> _descriptors = [];

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
            return LayerIndexEntryParser.ReadEntry(line, Descriptor);
        }
        catch (Exception cause) when (IsDamage(cause))
        {
            throw new LayerIndexException(name, $"is damaged: {cause.Message}", cause);
        }
    }

    /// <summary>Whether a failure of parsing is the document's fault.</summary>
    public static bool IsDamage(Exception cause) =>
        cause is JsonException or FormatException or InvalidOperationException or LayerRefusedException or OverflowException or ArgumentException;

    public void Dispose()
    {
        _lines.Dispose();
        _securityLines.Dispose();
    }

    private SecurityDescriptor Descriptor(int number)
    {
        if (_descriptors.TryGetValue(number, out SecurityDescriptor? known))
            return known;
        _securityLines.Seek(securityOffset(number));
        if (!_securityLines.TryRead(out ReadOnlyMemory<byte> line))
            throw new FormatException($"security descriptor {number} is missing");
        SecurityDescriptor descriptor = LayerIndexParser.ReadSecurity(line.Span, withValue: true).Descriptor
            ?? throw new FormatException($"security descriptor {number} has no value");
        if (_descriptors.Count >= RememberedDescriptors)
            _descriptors.Clear();
        _descriptors.Add(number, descriptor);
        return descriptor;
    }
}
