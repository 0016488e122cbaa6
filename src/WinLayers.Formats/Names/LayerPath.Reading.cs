using System.Buffers;
using WinLayers.Formats.Text;

namespace WinLayers.Formats.Names;

/// <content>From text to a path.</content>
public readonly partial struct LayerPath
{
    // C0, DEL and C1.
    private static readonly char[] Controls = [.. Enumerable.Range(0, '\u00A0').Select(c => (char)c).Where(char.IsControl)];

    // Everything that no component may hold, whichever character separates components.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create([.. Controls, ':', '\\', '/']);

    private static readonly SearchValues<char> ForbiddenBesideSlash = SearchValues.Create([.. Controls, ':', '\\']);

    private static readonly SearchValues<char> ForbiddenBesideBackslash = SearchValues.Create([.. Controls, ':', '/']);

    /// <summary>
    /// Reads a name as a tar has it: <c>/</c> between components; <c>./</c>, doubled and trailing slashes are passed over.
    /// </summary>
    /// <exception cref="LayerRefusedException">The name is not safe.</exception>
    public static LayerPath Parse(string tarName) => Read(tarName, '/');

    /// <summary>Reads a hard link's target as a tar has it: like a name, but a leading <c>/</c> is the layer's root.</summary>
    /// <exception cref="LayerRefusedException">The target is not safe.</exception>
    public static LayerPath ParseLinkTarget(string tarName) => Parse(tarName.TrimStart('/'));

    /// <summary>Reads a path as <see cref="Value"/> has it: <c>\</c> between components.</summary>
    /// <exception cref="LayerRefusedException">The path is not safe.</exception>
    public static LayerPath FromValue(string value) => Read(value, '\\');

    /// <summary>Reads a path that a person typed: either separator, and a leading one is the layer's root.</summary>
    /// <exception cref="LayerRefusedException">The path is not safe.</exception>
    public static LayerPath FromUser(string text) => Parse(text.Replace('\\', '/').TrimStart('/'));

    private static LayerPath Read(string text, char separator)
    {
        if (text.Length > 0 && text[0] is '/' or '\\')
            throw new LayerRefusedException(NameRules.Rooted, $"'{SafeText.Excerpt(text)}' starts at a root");
        // A path of the longest length may have './' before each of its components, but no more than that is read.
        if (text.Length > 2 * MaxPath)
            throw TooLong(text.Length);

        int length = CheckAndMeasure(text, separator);
        if (length > MaxPath)
            throw TooLong(length);
        return new LayerPath(length == text.Length ? text.Replace(separator, '\\') : Clean(text, separator, length));
    }

    /// <summary>Checks every component and returns the length of the path without the parts that say nothing.</summary>
    private static int CheckAndMeasure(ReadOnlySpan<char> text, char separator)
    {
        // One vectorised look at the whole name; most names leave nothing for a closer one.
        bool isPlain = !text.ContainsAny(separator == '/' ? ForbiddenBesideSlash : ForbiddenBesideBackslash)
            && !text.ContainsAnyInRange('\uD800', '\uDFFF');
        int length = -1, depth = 0;
        for (ReadOnlySpan<char> rest = text; ;)
        {
            int end = rest.IndexOf(separator);
            ReadOnlySpan<char> component = end < 0 ? rest : rest[..end];
            if (component is not ("" or "."))
            {
                length += 1 + component.Length;
                depth++;
                if ((!isPlain || component is ".." || component.Length > MaxComponent) && Problem(component) is { } problem)
                    throw problem;
            }

            if (end < 0)
                return depth <= MaxDepth ? Math.Max(0, length) : throw TooDeep();
            rest = rest[(end + 1)..];
        }
    }

    private static string Clean(string text, char separator, int length) =>
        string.Create(length, (text, separator), static (value, from) =>
        {
            int written = 0;
            foreach (Range range in from.text.AsSpan().Split(from.separator))
            {
                ReadOnlySpan<char> component = from.text.AsSpan(range);
                if (component is "" or ".")
                    continue;
                if (written > 0)
                    value[written++] = '\\';
                component.CopyTo(value[written..]);
                written += component.Length;
            }
        });

    /// <summary>What makes a component unsafe; null where nothing does.</summary>
    private static LayerRefusedException? Problem(ReadOnlySpan<char> component)
    {
        if (component is "..")
            return new LayerRefusedException(NameRules.Traversal, "the name climbs with '..'");
        if (component.Length > MaxComponent)
            return new LayerRefusedException(NameRules.ComponentLength,
                $"a component has {component.Length} UTF-16 units, {MaxComponent} are allowed");
        if (component.IndexOfAny(Forbidden) is >= 0 and var at)
        {
            return component[at] switch
            {
                '\\' => new LayerRefusedException(NameRules.Backslash, "a component holds a backslash"),
                '/' => new LayerRefusedException(NameRules.Component, "a component holds a slash"),
                ':' => new LayerRefusedException(NameRules.Colon, "the name holds ':' but is no stream of the entry before it"),
                var c => new LayerRefusedException(NameRules.ControlCharacter, $"the name holds the control character U+{(int)c:X4}"),
            };
        }

        return IsWellFormed(component) ? null : new LayerRefusedException(NameRules.Encoding, "the name is not well-formed Unicode");
    }

    private static bool IsWellFormed(ReadOnlySpan<char> component)
    {
        for (int i = component.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < component.Length; i++)
        {
            if (!char.IsSurrogate(component[i]))
                continue;
            if (i + 1 == component.Length || !char.IsSurrogatePair(component[i], component[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    private static LayerRefusedException TooDeep() =>
        new(NameRules.Depth, $"the path has more than the {MaxDepth} components allowed");

    private static LayerRefusedException TooLong(int length) =>
        new(NameRules.PathLength, $"the path has {length} UTF-16 units, {MaxPath} are allowed");
}
