using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Portable;

/// <summary>Numbers the distinct security descriptors of a layer.</summary>
internal sealed class SecurityTable
{
    // Real layers have some hundred. When a hostile one has millions, old ones are forgotten and get a number again.
    private const long RememberedBytes = 16 << 20;

    private readonly Dictionary<ReadOnlyMemory<byte>, int> _numbers = new(new BytesComparer());
    private SecurityDescriptor? _last;
    private int _lastNumber;
    private long _bytes;
    private int _next;

    /// <summary>The number of a descriptor, and whether it is its first use.</summary>
    public (int Number, bool IsNew) NumberOf(SecurityDescriptor? descriptor)
    {
        if (descriptor is null)
            return (-1, false);
        if (ReferenceEquals(descriptor, _last))
            return (_lastNumber, false);
        bool known = _numbers.TryGetValue(descriptor.Bytes, out int number);
        if (!known)
        {
            _bytes += descriptor.Bytes.Length;
            if (_bytes > RememberedBytes)
            {
                _numbers.Clear();
                _bytes = descriptor.Bytes.Length;
            }

            number = _next++;
            _numbers.Add(descriptor.Bytes, number);
        }

        (_last, _lastNumber) = (descriptor, number);
        return (number, !known);
    }

    private sealed class BytesComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> obj)
        {
            HashCode hash = default;
            hash.AddBytes(obj.Span);
            return hash.ToHashCode();
        }
    }
}
