using System.Diagnostics.CodeAnalysis;
using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Formats.Tar;

/// <summary>
/// Security descriptors by the text they were recorded as. A layer has thousands of entries and a handful of descriptors, so each is
/// decoded once and shared. Bounded: a layer in which each is different costs no more memory than this.
/// </summary>
internal sealed class DescriptorCache(DescriptorCache.Decoder decode)
{
    private const int LargestTotal = 4 << 20;

    private readonly Dictionary<byte[], SecurityDescriptor> _known = new(new TextComparer());
    private int _total;

    public delegate SecurityDescriptor Decoder(ReadOnlySpan<byte> text);

    public SecurityDescriptor Get(ReadOnlySpan<byte> text)
    {
        Dictionary<byte[], SecurityDescriptor>.AlternateLookup<ReadOnlySpan<byte>> lookup = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(text, out SecurityDescriptor? known))
            return known;
        SecurityDescriptor decoded = decode(text);
        if (_total + text.Length > LargestTotal)
        {
            _known.Clear();
            _total = 0;
        }

        _known.Add(text.ToArray(), decoded);
        _total += text.Length;
        return decoded;
    }

    private sealed class TextComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        [SuppressMessage("Performance", "CA1859", Justification = "The interface says byte[].")]
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
