using WinLayers.Formats;
using WinLayers.Oci.Content;
using WinLayers.Storage;

namespace WinLayers.Cli.Inputs;

/// <summary>Images for completion: transports, those of the store, those of the layout that is named.</summary>
internal static class ImageCompletions
{
    private const string Layout = "oci:";
    private const string Registry = "docker://";

    private static readonly string[] Archives = ["oci-archive:", "docker-archive:"];

    /// <summary>What begins so. A store or layout that cannot be read offers nothing: nobody waits for an error here.</summary>
    public static async Task<IReadOnlyList<string>> StartingWithAsync(string word, bool isTarget)
    {
        if (Array.Find(Archives, archive => word.StartsWith(archive, StringComparison.Ordinal)) is { } prefix)
            return [.. CompletionFiles.StartingWith(word[prefix.Length..]).Select(file => prefix + file)];
        List<string> found = word.StartsWith(Layout, StringComparison.Ordinal) ? [.. LayoutsOf(word[Layout.Length..])]
            : [Registry, Layout, .. Archives, .. isTarget ? [] : (string[])["sample:", "sample:large"]];
        if (!isTarget)
            found.AddRange(await StoredAsync(word).ConfigureAwait(false));
        return found;
    }

    private static async Task<IEnumerable<string>> StoredAsync(string word)
    {
        try
        {
            if (!LayerStore.Exists(LayerStore.DefaultLocation))
                return [];
            LayerStore store = await LayerStore.OpenAsync().ConfigureAwait(false);
            IReadOnlyList<StoredImage> images = await StoredImages.ListAsync(store).ConfigureAwait(false);

            // As people write them: without the transport that may be left out, unless it is being typed.
            bool isTyped = word.StartsWith(Registry[..3], StringComparison.Ordinal);
            IEnumerable<string> names = images.SelectMany(image => image.Names)
                .Select(name => name.StartsWith(Registry, StringComparison.Ordinal) && !isTyped
                    ? name[Registry.Length..] : name);
            return word.StartsWith("sha", StringComparison.Ordinal) ? names.Concat(images.Select(image => image.Digest.ToString())) : names;
        }
        catch (Exception unreadable) when (unreadable is WinLayersException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<string> LayoutsOf(string path)
    {
        int colon = path.IndexOf(':', path.Length > 2 && path[1] == ':' ? 2 : 0);
        string folder = colon < 0 ? path.TrimEnd('/') : path[..colon];
        IEnumerable<string> folders = colon >= 0 ? []
            : CompletionFiles.StartingWith(path).Where(found => found.EndsWith('/')).Select(found => Layout + found);
        return folders.Concat(NamesOf(folder).Select(name => $"{Layout}{folder}:{name}"));
    }

    private static IReadOnlyList<string> NamesOf(string folder)
    {
        try
        {
            return folder.Length == 0 || !File.Exists(Path.Combine(folder, BlobStore.LayoutFile)) ? []
                : [.. BlobStore.Open(folder).Index.Read().Manifests.Select(LayoutIndex.NameOf).OfType<string>()];
        }
        catch (Exception unreadable) when (unreadable is WinLayersException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
