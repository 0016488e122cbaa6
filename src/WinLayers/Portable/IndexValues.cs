using WinLayers.Formats.Ntfs;

namespace WinLayers.Portable;

/// <summary>What an index keeps once for all entries that have it, each kind with numbers of its own.</summary>
internal enum IndexValueKind
{
    /// <summary>A security descriptor.</summary>
    Security,

    /// <summary>Extended attributes.</summary>
    ExtendedAttributes,

    /// <summary>A reparse buffer.</summary>
    Reparse,
}

/// <summary>The numbers of an entry's values; negative where it has none.</summary>
internal readonly record struct IndexValueNumbers(int Security, int ExtendedAttributes, int Reparse)
{
    public static IndexValueNumbers None { get; } = new(-1, -1, -1);
}

/// <summary>A value at its first use.</summary>
internal readonly record struct NewIndexValue(IndexValueKind Kind, int Number, ReadOnlyMemory<byte> Bytes);

/// <summary>Numbers the distinct values of a layer in the making.</summary>
internal sealed class IndexValues
{
    private readonly ValueNumbers _security = new();
    private readonly ValueNumbers _extendedAttributes = new();
    private readonly ValueNumbers _reparse = new();

    /// <summary>The numbers of an entry's values.</summary>
    /// <param name="metadata">The entry's metadata.</param>
    /// <param name="isNew">Gets those that are used for the first time; null where there are none.</param>
    public IndexValueNumbers NumbersOf(FileMetadata metadata, out List<NewIndexValue>? isNew)
    {
        List<NewIndexValue>? news = null;
        IndexValueNumbers numbers = new(
            Number(IndexValueKind.Security, _security, metadata.Security, metadata.Security?.Bytes ?? default),
            Number(IndexValueKind.ExtendedAttributes, _extendedAttributes, metadata.ExtendedAttributes,
                metadata.ExtendedAttributes?.List ?? default),
            Number(IndexValueKind.Reparse, _reparse, metadata.Reparse, metadata.Reparse?.Buffer ?? default));
        isNew = news;
        return numbers;

        int Number(IndexValueKind kind, ValueNumbers known, object? value, ReadOnlyMemory<byte> bytes)
        {
            if (value is null)
                return -1;
            (int number, bool isFirst) = known.NumberOf(value, bytes);
            if (isFirst)
                (news ??= []).Add(new NewIndexValue(kind, number, bytes));
            return number;
        }
    }

    /// <summary>The numbers of one kind.</summary>
    private sealed class ValueNumbers
    {
        // Real layers have some hundred. When a hostile one has millions, old ones are forgotten and get a number again.
        private const long RememberedBytes = 16 << 20;

        private readonly Dictionary<ReadOnlyMemory<byte>, int> _numbers = new(new BytesComparer());
        private object? _last;
        private int _lastNumber;
        private long _bytes;
        private int _next;

        /// <summary>The number of a value, and whether it is its first use.</summary>
        public (int Number, bool IsFirst) NumberOf(object value, ReadOnlyMemory<byte> bytes)
        {
            if (ReferenceEquals(value, _last))
                return (_lastNumber, false);
            bool known = _numbers.TryGetValue(bytes, out int number);
            if (!known)
            {
                _bytes += bytes.Length;
                if (_bytes > RememberedBytes)
                {
                    _numbers.Clear();
                    _bytes = bytes.Length;
                }

                number = _next++;
                _numbers.Add(bytes, number);
            }

            (_last, _lastNumber) = (value, number);
            return (number, !known);
        }
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
