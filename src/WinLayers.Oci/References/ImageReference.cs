using System.Diagnostics.CodeAnalysis;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.References;

/// <summary>
/// Where an image is, as a person writes it: <c>[docker://]host/repository[:tag][@digest]</c>, <c>oci:folder[:name][@digest]</c>,
/// <c>docker-archive:file[:name]</c> or <c>sample:name[?entries=N&amp;bytes=M]</c>. One that exists is well-formed.
/// </summary>
public abstract record ImageReference
{
    private const int LongestText = 8192;

    private static readonly string[] ForeignTransports =
        ["containers-storage:", "docker-daemon:", "oci-archive:", "dir:", "ostree:", "sif:", "tarball:", "atomic:"];

    private protected ImageReference()
    {
    }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out string? problem, out ImageReferenceFailure reason) ?? throw new ImageReferenceException(reason, text, problem!)
        {
            Remedy = reason is ImageReferenceFailure.Malformed ? "An image is named as [docker://]HOST/REPO[:TAG], oci:FOLDER[:NAME], docker-archive:FILE[:NAME] or sample:[NAME]." : null,
        };
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = text is null ? null : Read(text, out _, out _);
        return reference is not null;
    }

    /// <summary>The reference in full, as <see cref="Parse"/> reads it.</summary>
    public sealed override string ToString() => Format();

    private protected abstract string Format();

    private static ImageReference? Read(string text, out string? problem, out ImageReferenceFailure reason)
    {
        reason = ImageReferenceFailure.Malformed;
        if (text.Length is 0 or > LongestText)
        {
            problem = text.Length == 0 ? "it is empty" : $"it has {text.Length} characters, {LongestText} are allowed";
            return null;
        }

        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                problem = $"it holds the control character U+{(int)c:X4}";
                return null;
            }
        }

        if (After(text, "docker://") is { } registry)
            return RegistryReference.Read(registry, out problem);
        if (After(text, "oci:") is { } layout)
            return LayoutReference.Read(layout, out problem);
        if (After(text, "docker-archive:") is { } archive)
            return ArchiveReference.Read(archive, out problem);
        if (After(text, "sample:") is { } sample)
            return SampleReference.Read(sample, out problem);
        if (UnknownTransport(text) is { } transport)
        {
            reason = ImageReferenceFailure.UnknownTransport;
            problem = $"the transport '{transport}' is none of docker://, oci:, docker-archive: and sample:";
            return null;
        }

        return RegistryReference.Read(text, out problem);
    }

    // No reference holds "://" but after a transport's name: http, or docker misspelt.
    private static string? UnknownTransport(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is var end and >= 0
            ? text[..(end + 3)]
            : Array.Find(ForeignTransports, transport => text.StartsWith(transport, StringComparison.OrdinalIgnoreCase));

    private static string? After(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

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

    /// <summary>Where the colon is that ends a file path, a Windows drive's own passed over; -1 where none is.</summary>
    private protected static int ColonAfterPath(string text)
    {
        bool hasDrive = text.Length >= 3 && char.IsAsciiLetter(text[0]) && text[1] == ':' && text[2] is '\\' or '/';
        return text.IndexOf(':', hasDrive ? 2 : 0);
    }
}
