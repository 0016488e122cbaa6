using WinLayers.Oci.Documents;
using WinLayers.Oci.Sources;
using WinLayers.Views;

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
    IReadOnlyList<InspectedImage.InspectedLayer> Layers,
    long? ContentBytes,
    InspectedImage.InspectedUtilityVm? UtilityVm,
    string? Warning)
{
    /// <summary>Describes an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="contents">What is in its layers, base first; null for one that is not at hand, empty for none.</param>
    public static InspectedImage Of(ResolvedImage image, IReadOnlyList<LayerSummary?> contents)
    {
        bool isUnpacked = contents.Count > 0 && contents.All(layer => layer is not null);
        List<string?> history = [.. image.Config.History.Where(h => !h.IsEmptyLayer).Select(h => h.CreatedBy ?? h.Comment)];
        return new InspectedImage(
            image.Name,
            image.Manifest.Raw.Digest.ToString(),
            image.Manifest.MediaType,
            image.Index?.Raw.Digest.ToString(),
            new InspectedPlatform(image.Platform.Os, image.Platform.Architecture, image.Platform.OsVersion, image.Platform.OsFeatures,
                WindowsNames.Of(image.Platform.OsVersion)),
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
                layer.Descriptor.Digest.ToString(), layer.DiffId.ToString(), layer.ChainId.ToString(), layer.Descriptor.MediaType,
                    layer.Descriptor.Size,
                MediaTypes.IsForeign(layer.Descriptor.MediaType), layer.Descriptor.Urls,
                // A history that does not fit the layers says nothing about any of them.
                history.Count == image.Layers.Count ? history[layer.Position] : null,
                contents.ElementAtOrDefault(layer.Position)))],
            isUnpacked ? contents.Sum(layer => layer!.Bytes) : null,
            isUnpacked ? UtilityVmOf(contents) : null,
            image.Warning);
    }

    // From the top down the first that boots, as whoever starts a machine looks for it.
    private static InspectedUtilityVm UtilityVmOf(IReadOnlyList<LayerSummary?> contents)
    {
        for (int i = contents.Count - 1; i >= 0; i--)
        {
            if (contents[i]!.UtilityVm is { IsBootable: true, Detail: var detail })
                return new InspectedUtilityVm(i, IsBootable: true, detail);
        }

        int last = contents.ToList().FindLastIndex(layer => layer!.UtilityVm is not null);
        return last < 0
            ? new InspectedUtilityVm(Layer: null, IsBootable: false, "none: the image runs with process isolation only")
            : new InspectedUtilityVm(last, IsBootable: false, contents[last]!.UtilityVm!.Detail);
    }

    public sealed record InspectedPlatform(string Os, string Architecture, string? OsVersion, IReadOnlyList<string> OsFeatures,
        string? Name);

    public sealed record InspectedLayer(
        string Digest, string DiffId, string ChainId, string MediaType, long Size, bool IsForeign, IReadOnlyList<string> Urls,
            string? CreatedBy, LayerSummary? Contents);

    /// <summary>The Utility VM of an image.</summary>
    /// <param name="Layer">The layer that a virtual machine boots from, or that has what is there of it; null for none.</param>
    /// <param name="IsBootable">Whether it boots.</param>
    /// <param name="Detail">The same for people.</param>
    public sealed record InspectedUtilityVm(int? Layer, bool IsBootable, string Detail);
}
