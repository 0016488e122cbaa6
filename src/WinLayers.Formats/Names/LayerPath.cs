using System.Diagnostics.CodeAnalysis;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Names;

/// <summary>The part of a layer that a path lies in.</summary>
public enum LayerArea
{
    /// <summary>None of the known roots, or the layer's root itself.</summary>
    Other,

    /// <summary><c>Files</c>: the container's file system.</summary>
    Files,

    /// <summary><c>Hives</c>: registry hives.</summary>
    Hives,

    /// <summary><c>UtilityVM</c>: the Hyper-V utility VM.</summary>
    UtilityVm,
}

/// <summary>
/// A path inside a layer, from its root: <c>Files\Windows\a.txt</c>. One that exists is safe: it has no <c>..</c>, drive, stream or
/// separator inside a component, and is the only thing that file work accepts. Paths are equal as NTFS has it, whatever their
/// letter case. The default value is the layer's root.
/// </summary>
public readonly partial struct LayerPath : IEquatable<LayerPath>, IComparable<LayerPath>
{
    /// <summary>UTF-16 units in one component at most.</summary>
    public const int MaxComponent = 255;

    /// <summary>UTF-16 units in a path at most.</summary>
    public const int MaxPath = 32_767;

    /// <summary>
    /// Components in a path at most. NTFS has room for 16,384, which nobody uses but to make every directory on the way cost
    /// another path of that length; the cost of an entry stays in proportion to its name.
    /// </summary>
    public const int MaxDepth = 1024;

    private readonly string? _value;

    private LayerPath(string value) => _value = value;

    /// <summary>The layer's root.</summary>
    public static LayerPath Root => default;

    /// <summary>The path with <c>\</c> between its components; empty for the root.</summary>
    public string Value => _value ?? "";

    /// <summary>Whether this is the layer's root.</summary>
    public bool IsRoot => Value.Length == 0;

    /// <summary>The last component; empty for the root.</summary>
    public ReadOnlySpan<char> Name => Value.AsSpan(Value.LastIndexOf('\\') + 1);

    /// <summary>The path without its last component; the root's parent is the root.</summary>
    public LayerPath Parent => Value.LastIndexOf('\\') is >= 0 and var cut ? new(Value[..cut]) : default;

    /// <summary>The part of the layer that the path lies in, or is the root of.</summary>
    public LayerArea Area
    {
        get
        {
            int end = Value.IndexOf('\\', StringComparison.Ordinal);
            ReadOnlySpan<char> first = end < 0 ? Value : Value.AsSpan(0, end);
            return LayerRoots.AreaOf(first);
        }
    }

    /// <summary>Where the components stand in <see cref="Value"/>, first to last; the root has none.</summary>
    public MemoryExtensions.SpanSplitEnumerator<char> Components => IsRoot ? default : Value.AsSpan().Split('\\');

    /// <summary>Whether the path lies somewhere below the directory; a path is not below itself.</summary>
    public bool IsBelow(LayerPath directory) =>
        directory.IsRoot
            ? !IsRoot
            : Value.Length > directory.Value.Length
                && Value[directory.Value.Length] == '\\'
                && NtfsNames.Equal(Value.AsSpan(0, directory.Value.Length), directory.Value);

    /// <summary>The path of a child with this name.</summary>
    /// <exception cref="LayerRefusedException">The name is not safe as one component.</exception>
    public LayerPath Child(string name)
    {
        if (Problem(name) is { } problem)
            throw problem;
        if (name is "." or "")
            throw new LayerRefusedException(NameRules.Component, $"'{name}' is not a name");
        if (!IsRoot && Value.AsSpan().Count('\\') + 2 > MaxDepth)
            throw TooDeep();
        string value = IsRoot ? name : $"{Value}\\{name}";
        return value.Length <= MaxPath ? new(value) : throw TooLong(value.Length);
    }

    /// <summary>The path as a tar has it, with <c>/</c>.</summary>
    public string ToTarName() => Value.Replace('\\', '/');

    /// <summary>Whether both name the same thing on NTFS.</summary>
    public bool Equals(LayerPath other) => NtfsNames.Equal(Value, other.Value);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is LayerPath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => NtfsNames.HashOf(Value);

    /// <summary>
    /// Orders by UTF-16 units, ordinal, component by component, so that a directory comes before what is in it and both before
    /// its next sibling. Letter case counts here: paths that are equal need not compare as 0.
    /// </summary>
    public int CompareTo(LayerPath other)
    {
        // A separator sorts before every other character, so that a directory's children follow it at once.
        ReadOnlySpan<char> mine = Value, theirs = other.Value;
        int common = mine.CommonPrefixLength(theirs);
        if (common == mine.Length || common == theirs.Length)
            return mine.Length.CompareTo(theirs.Length);
        if (mine[common] == '\\' || theirs[common] == '\\')
            return mine[common] == '\\' ? -1 : 1;
        return mine[common].CompareTo(theirs[common]);
    }

    /// <summary>The path, as <see cref="Value"/>.</summary>
    public override string ToString() => Value;

    /// <summary>Whether both name the same thing on NTFS.</summary>
    public static bool operator ==(LayerPath left, LayerPath right) => left.Equals(right);

    /// <summary>Whether they name different things on NTFS.</summary>
    public static bool operator !=(LayerPath left, LayerPath right) => !left.Equals(right);

    /// <summary>Ordinal order.</summary>
    public static bool operator <(LayerPath left, LayerPath right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(LayerPath left, LayerPath right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(LayerPath left, LayerPath right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(LayerPath left, LayerPath right) => left.CompareTo(right) >= 0;
}
