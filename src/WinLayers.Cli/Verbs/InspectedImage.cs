using WinLayers.Images;
using WinLayers.Sources;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>inspect --json</c> prints of an image.</summary>
internal sealed record InspectedImage(
    string Image,
    string Digest,
    string MediaType,
    string? IndexDigest,
    InspectedImage.InspectedPlatform Platform,
    string? Created,
    long Size,
    string ConfigDigest,
    IReadOnlyList<string> Entrypoint,
    IReadOnlyList<string> Command,
    string? User,
    string? WorkingDirectory,
    IReadOnlyList<string> Environment,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<InspectedImage.InspectedLayer> Layers)
{
    public static InspectedImage Of(ResolvedImage image)
    {
        List<string?> history = [.. image.Config.History.Where(h => !h.IsEmptyLayer).Select(h => h.CreatedBy ?? h.Comment)];
        return new InspectedImage(
            image.Name,
            image.Manifest.Raw.Digest.ToString(),
            image.Manifest.MediaType,
            image.Index?.Raw.Digest.ToString(),
            new InspectedPlatform(image.Platform.Os, image.Platform.Architecture, image.Platform.OsVersion, image.Platform.OsFeatures, WindowsNames.Of(image.Platform.OsVersion)),
            image.Config.Created,
            image.Layers.Sum(layer => layer.Descriptor.Size),
            image.Manifest.Config.Digest.ToString(),
            image.Config.Entrypoint,
            image.Config.Command,
            image.Config.User,
            image.Config.WorkingDirectory,
            image.Config.Environment,
            image.Config.Labels,
            [.. image.Layers.Select(layer => new InspectedLayer(
                layer.Descriptor.Digest.ToString(), layer.DiffId.ToString(), layer.ChainId.ToString(), layer.Descriptor.MediaType, layer.Descriptor.Size,
                MediaTypes.IsForeign(layer.Descriptor.MediaType), layer.Descriptor.Urls,
                // A history that does not fit the layers says nothing about any of them.
                history.Count == image.Layers.Count ? history[layer.Position] : null))]);
    }

    public sealed record InspectedPlatform(string Os, string Architecture, string? OsVersion, IReadOnlyList<string> OsFeatures, string? Name);

    public sealed record InspectedLayer(
        string Digest, string DiffId, string ChainId, string MediaType, long Size, bool IsForeign, IReadOnlyList<string> Urls, string? CreatedBy);
}
