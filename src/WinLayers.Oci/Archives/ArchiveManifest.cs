using System.Text.Json;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;

namespace WinLayers.Oci.Archives;

/// <summary>One image as an archive's <c>manifest.json</c> lists it.</summary>
/// <param name="Config">The configuration's file in the archive.</param>
/// <param name="Names">The image's names, such as <c>docker.io/library/app:v1</c>, as written.</param>
/// <param name="Layers">The layers' files in the archive, base first.</param>
internal sealed record ArchiveManifest(string Config, IReadOnlyList<string> Names, IReadOnlyList<string> Layers)
{
    internal const string FileName = "manifest.json";

    internal static IReadOnlyList<ArchiveManifest> ParseAll(string archive, byte[] bytes)
    {
        JsonDocumentReader reader = new($"{FileName} of '{archive}'");
        using JsonDocument json = reader.Open(bytes, ImageDocument.LimitBytes, JsonValueKind.Array);
        List<ArchiveManifest> images = [];
        foreach (JsonElement image in json.RootElement.EnumerateArray())
        {
            if (image.ValueKind != JsonValueKind.Object)
                throw reader.Malformed("it lists something else than images");
            images.Add(new ArchiveManifest(reader.RequiredText(image, "Config"), reader.Texts(image, "RepoTags"),
                reader.Texts(image, "Layers")));
        }

        return images;
    }

    /// <summary>
    /// Whether the image has this name; names are compared in full, so that <c>app:v1</c> is <c>docker.io/library/app:v1</c>.
    /// </summary>
    internal bool IsNamed(RegistryReference name) =>
        Names.Any(text => RegistryReference.TryParse("docker://" + text, out RegistryReference? reference)
            && (reference.Host, reference.Repository, reference.Tag) == (name.Host, name.Repository, name.Tag));
}
