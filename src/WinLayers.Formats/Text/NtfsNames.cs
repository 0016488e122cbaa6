using System.Buffers;
using System.Text;

namespace WinLayers.Formats.Text;

/// <summary>How NTFS compares names: unit by unit through its upcase table, without culture and without surrogate pairs.</summary>
public static class NtfsNames
{
    /// <summary>Compares names or whole paths for equality as NTFS does.</summary>
    public static IEqualityComparer<string> Comparer { get; } = new NameComparer();

    /// <summary>Whether both are the same name.</summary>
    public static bool Equal(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length != right.Length)
            return false;
        // Nearly all comparisons that say yes are of equal spelling: that much is vectorised.
        for (int i = left.CommonPrefixLength(right); i < left.Length; i++)
        {
            if (left[i] != right[i] && Upcase(left[i]) != Upcase(right[i]))
                return false;
        }

        return true;
    }

    /// <summary>
    /// A hash that is the same for equal names; it differs from process to process, so that no layer can aim for collisions.
    /// </summary>
    public static int HashOf(ReadOnlySpan<char> name)
    {
        Span<char> upper = stackalloc char[256];
        if (name.Length <= upper.Length)
            return HashPart(name, upper);
        HashCode hash = default;
        for (; name.Length > upper.Length; name = name[upper.Length..])
            hash.Add(HashPart(name[..upper.Length], upper));
        hash.Add(HashPart(name, upper));
        return hash.ToHashCode();
    }

    /// <summary>One UTF-16 unit through the upcase table.</summary>
    public static char Upcase(char c)
    {
        if (c < 0x80)
            return char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c;
        return UpcaseTable.Upcase(c);
    }

    private static int HashPart(ReadOnlySpan<char> part, Span<char> upper)
    {
        if (Ascii.ToUpper(part, upper, out int written) != OperationStatus.Done)
        {
            for (; written < part.Length; written++)
                upper[written] = Upcase(part[written]);
        }

        return string.GetHashCode(upper[..part.Length], StringComparison.Ordinal);
    }

    private sealed class NameComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        public bool Equals(string? x, string? y) => x is null ? y is null : y is not null && Equal(x, y);

        public int GetHashCode(string obj) => HashOf(obj);

        public bool Equals(ReadOnlySpan<char> alternate, string other) => Equal(alternate, other);

        public int GetHashCode(ReadOnlySpan<char> alternate) => HashOf(alternate);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
}
