using WinLayers.Cli.Frame;
using WinLayers.Oci.References;

namespace WinLayers.Cli.Inputs;

/// <summary>
/// An image's reference as somebody typed it. A file's name without a transport is a slip, and no repository to ask a registry for.
/// </summary>
internal static class ImageArgument
{
    private static readonly string[] FileEndings = [".tar", ".tgz", ".gz", ".zst", ".zip", ".json"];

    /// <summary>Reads the reference of an image that is there.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    /// <exception cref="CommandFailedException">It names a file or a folder.</exception>
    public static ImageReference Parse(string text)
    {
        if (!IsFileName(text))
            return KnownTransports.Names.Parse(text).ToAbsolute();
        if (Directory.Exists(text))
            throw CommandFailedException.NotSuitable(text, "is a folder and names no transport",
                $"An image in an OCI layout is named as oci:{text}");
        if (File.Exists(text))
            throw CommandFailedException.NotSuitable(text, "is a file and names no transport",
                $"An image in an archive is named as docker-archive:{text} or oci-archive:{text}");
        bool isRepository = RegistryReference.TryParse("docker://" + text, out _);
        throw CommandFailedException.NotThere(
            "the file", text, isRepository ? $"For an image on a registry write docker://{text}"
                : "An image is named as docker://HOST/REPO, oci:FOLDER, oci-archive:FILE, docker-archive:FILE or sample:");
    }

    /// <summary>Reads the reference of a place for an image to go.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    /// <exception cref="CommandFailedException">It names a file.</exception>
    public static ImageReference ParseTarget(string text) =>
        IsFileName(text)
            ? throw CommandFailedException.NotSuitable(text, "is a file's name and names no transport",
                $"Write docker-archive:{text} or oci-archive:{text} for an archive, oci:{text} for a " +
                    "layout's folder, docker:// for a registry")
            : KnownTransports.Names.Parse(text).ToAbsolute();

    /// <summary>What was made of a bare name, for a registry's refusal: perhaps it was meant to be something else.</summary>
    public static string? DoubtOf(string text, ImageReference reference) =>
        reference is RegistryReference && !text.Contains('/', StringComparison.Ordinal)
            ? $"'{text}' was taken for {reference}; images elsewhere are named as docker://HOST/REPO, oci:FOLDER, " +
                "oci-archive:FILE, docker-archive:FILE or sample:"
            : null;

    private static bool IsFileName(string text)
    {
        // A word before a colon is a transport, a registry with its port or a name with its tag; one letter is a drive.
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 1 && text.AsSpan(0, colon).IndexOfAny("./\\~") < 0)
            return false;
        return text.StartsWith('.') || text.StartsWith('/') || text.StartsWith('~') || text.Contains('\\', StringComparison.Ordinal)
            || Array.Exists(FileEndings, ending => text.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }
}
