using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>ls --json</c> prints without an image.</summary>
internal sealed record ListedImages(string Store, IReadOnlyList<ListedImages.Image> Images)
{
    private const string Unpacked = "unpacked";
    private const string Pulled = "pulled";
    private const string Incomplete = "incomplete";

    /// <summary>Unpacked, pulled, or neither: some of its blobs are missing.</summary>
    public static string StateOf(StoredImage image) => image.Chain is not null ? Unpacked : image.HasBlobs ? Pulled : Incomplete;

    public sealed record Image(
        string Digest, IReadOnlyList<string> References, string State, string? Os, string? Architecture, string? OsVersion, int? Layers,
            long? Size, IReadOnlyList<string>? Chain)
    {
        public static Image Of(StoredImage image) => new(
            image.Digest.ToString(), image.Names, StateOf(image), image.Platform?.Os, image.Platform?.Architecture,
            image.Platform?.OsVersion, image.Layers, image.Bytes,
            // Base first, as the first version of the document had it.
            image.Chain is { } chain ? [.. chain.Reverse().Select(id => id.ToString())] : null);
    }
}
