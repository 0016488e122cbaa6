using WinLayers.Oci.Digests;

namespace WinLayers.Oci.References;

/// <summary>
/// Where an image is, as a person writes it: <c>[docker://]host/repository[:tag][@digest]</c>, <c>oci:folder[:name][@digest]</c>,
/// <c>docker-archive:file[:name]</c>, <c>oci-archive:file[:name][@digest]</c>, or what another transport reads. One that exists is
/// well-formed.
/// </summary>
public abstract record ImageReference
{
    private const int MaxText = 8192;

    /// <summary>For a transport's own kind of reference.</summary>
    protected ImageReference()
    {
    }

    internal delegate T? Reader<T>(string text, out string? problem)
        where T : ImageReference;

    /// <summary>The reference in full, as its transport reads it, the transport's prefix in front.</summary>
    public sealed override string ToString() => Format();

    /// <summary>
    /// The same image named independently of the current folder: paths are absolute and normalized, so that equal places have equal names.
    /// </summary>
    public virtual ImageReference ToAbsolute() => this;

    /// <summary>Writes the reference in full, the transport's prefix in front.</summary>
    protected abstract string Format();

    /// <summary>A path as every folder of the machine would name it.</summary>
    private protected static string AbsolutePath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>What is wrong with a text whatever its transport; null where nothing is.</summary>
    internal static string? ProblemOf(string text)
    {
        if (text.Length is 0 or > MaxText)
            return text.Length == 0 ? "it is empty" : $"it has {text.Length} characters, {MaxText} are allowed";
        foreach (char c in text)
        {
            if (char.IsControl(c))
                return $"it holds the control character U+{(int)c:X4}";
        }

        return null;
    }

    /// <summary>Reads one kind of reference, its prefix in front unless it may be left out.</summary>
    internal static T? ReadPrefixed<T>(string text, string prefix, bool isBareAllowed, Reader<T> read, out string? problem)
        where T : ImageReference
    {
        problem = ProblemOf(text);
        if (problem is not null)
            return null;
        if (text.StartsWith(prefix, StringComparison.Ordinal))
            return read(text[prefix.Length..], out problem);
        if (isBareAllowed)
            return read(text, out problem);
        problem = $"it does not start with {prefix}";
        return null;
    }

    internal static ImageReferenceException Malformed(string text, string? problem) => new(ImageReferenceFailure.Malformed, text, problem!);

    /// <summary>Cuts <c>@digest</c> off the end, where what follows the last <c>@</c> is a digest.</summary>
    private protected static string CutDigest(string text, out Digest? digest)
    {
        int at = text.LastIndexOf('@');
        if (at >= 0 && Digests.Digest.TryParse(text[(at + 1)..], out Digest found))
        {
            digest = found;
            return text[..at];
        }

        digest = null;
        return text;
    }

    /// <summary>Cuts <c>path[:name][@digest]</c>, as layouts are written: what is left is the path.</summary>
    private protected static string CutName(string text, out string? name, out Digest? digest)
    {
        string rest = CutDigest(text, out digest);
        int colon = ColonAfterPath(rest);
        name = colon < 0 ? null : rest[(colon + 1)..];
        return colon < 0 ? rest : rest[..colon];
    }

    /// <summary>Where the colon is that ends a file path, a Windows drive's own passed over; -1 where none is.</summary>
    private protected static int ColonAfterPath(string text)
    {
        bool hasDrive = text.Length >= 3 && char.IsAsciiLetter(text[0]) && text[1] == ':' && text[2] is '\\' or '/';
        return text.IndexOf(':', hasDrive ? 2 : 0);
    }
}
