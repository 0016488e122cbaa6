using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>Finds the image that a name means among the entries of a layout's index.</summary>
internal static class LayoutRoot
{
    private const int NamesShown = 20;

    /// <summary>
    /// Holds a document against the entries that list it. Other tools choose, and fetch, by what the index says: a document that is
    /// something else would be two images in one.
    /// </summary>
    /// <param name="entries">The entries.</param>
    /// <param name="layout">The layout, for messages.</param>
    /// <param name="mediaType">What the document is.</param>
    /// <param name="size">Its bytes.</param>
    internal static void Check(IReadOnlyList<Descriptor> entries, string layout, string mediaType, int size)
    {
        foreach (Descriptor entry in entries)
        {
            if (entry.Size != size)
                throw new SizeMismatchException($"manifest {entry.Digest} of the index of '{layout}'", entry.Size, size);
            if (!string.Equals(entry.MediaType, mediaType, StringComparison.OrdinalIgnoreCase))
                throw new ManifestException(ManifestFailure.WrongType, entry.Digest.ToString(),
                    $"the index of '{layout}' lists it as {entry.MediaType}, but it is {mediaType}");
        }
    }

    /// <summary>
    /// All entries of the one image that is meant, as several may have its digest; null where there is none, or more than one.
    /// </summary>
    /// <param name="entries">The entries.</param>
    /// <param name="name">The name; null means the only image there.</param>
    /// <param name="problem">What the layout has instead, as what follows "it has".</param>
    /// <param name="isAmbiguous">Whether there are several.</param>
    internal static IReadOnlyList<Descriptor>? Find(IReadOnlyList<Descriptor> entries, string? name, out string problem,
        out bool isAmbiguous)
    {
        Descriptor[] found = [.. entries.Where(entry => name is null || LayoutIndex.NameOf(entry) == name)];
        int images = found.DistinctBy(static entry => entry.Digest).Count();
        problem = "";
        isAmbiguous = images > 1;
        if (images == 1)
            return found;
        string names =
            string.Join(", ", entries.Select(LayoutIndex.NameOf).OfType<string>().Order(StringComparer.Ordinal).Take(NamesShown));
        string has = names.Length == 0 ? $"it lists {entries.Count} images without names" : $"it has {names}";
        problem = !isAmbiguous ? name is null ? "no image" : $"no image named '{name}': {has}"
            : $"{images} images{(name is null ? "" : $" named '{name}'")}: {has}";
        return null;
    }
}
