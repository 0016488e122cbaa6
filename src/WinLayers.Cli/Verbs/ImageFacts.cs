using System.Text.Json.Serialization;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;

namespace WinLayers.Cli.Verbs;

/// <summary>Which image of an index one is, in several documents.</summary>
internal sealed record ImageFacts(string Digest, string? Os, string? Architecture, string? OsVersion)
{
    /// <summary>The same for people.</summary>
    [JsonIgnore]
    public string Text => Os is null ? Digest : $"{$"{Os}/{Architecture} {OsVersion}".TrimEnd()}, {Digest}";

    public static ImageFacts Of(Descriptor image) => Of(image.Digest.ToString(), image.Platform);

    public static ImageFacts Of(ResolvedImage image) => Of(image.Manifest.Raw.Digest.ToString(), image.Platform);

    private static ImageFacts Of(string digest, Platform? platform) => new(digest, platform?.Os, platform?.Architecture, platform?.OsVersion);
}
