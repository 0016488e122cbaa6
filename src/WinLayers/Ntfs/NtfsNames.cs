namespace WinLayers.Ntfs;

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
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] && Upcase(left[i]) != Upcase(right[i]))
                return false;
        }

        return true;
    }

    /// <summary>A hash that is the same for equal names; it differs from process to process.</summary>
    public static int HashOf(ReadOnlySpan<char> name)
    {
        HashCode hash = default;
        foreach (char c in name)
            hash.Add(Upcase(c));
        return hash.ToHashCode();
    }

    /// <summary>One UTF-16 unit through the upcase table.</summary>
    public static char Upcase(char c) => char.ToUpperInvariant(c);

    private sealed class NameComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        public bool Equals(string? x, string? y) => x is null ? y is null : y is not null && Equal(x, y);

        public int GetHashCode(string obj) => HashOf(obj);

        public bool Equals(ReadOnlySpan<char> alternate, string other) => Equal(alternate, other);

        public int GetHashCode(ReadOnlySpan<char> alternate) => HashOf(alternate);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
}
