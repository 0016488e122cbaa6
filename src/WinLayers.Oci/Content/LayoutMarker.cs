using System.Text.Json;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Content;

/// <summary>The file <c>oci-layout</c>, which says that a folder is an OCI image layout.</summary>
internal static class LayoutMarker
{
    internal const int LimitBytes = 4096;
    private const string Version = "1.0.0";

    internal static void Check(BlobStore store)
    {
        string path = Path.Combine(store.Root, BlobStore.LayoutFile);
        byte[] bytes;
        try
        {
            using FileStream file = PlainFile.OpenRead(path);
            bytes = DocumentBytes.Read(file, path, LimitBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobStoreException(BlobStoreFailure.NotALayout,
                $"'{store.Root}' is no OCI image layout: it has no file '{BlobStore.LayoutFile}'.", e);
        }

        if (ProblemOf(bytes, path) is { } problem)
            throw new BlobStoreException(BlobStoreFailure.NotALayout, $"'{store.Root}' is {problem}.");
    }

    /// <summary>What is wrong with the version that the file names, as what follows "it is"; null where nothing is.</summary>
    /// <exception cref="ManifestException">The file is malformed.</exception>
    internal static string? ProblemOf(byte[] bytes, string document)
    {
        JsonDocumentReader reader = new(document);
        using JsonDocument json = reader.Open(bytes, LimitBytes);
        string version = reader.RequiredText(json.RootElement, "imageLayoutVersion");
        return version.StartsWith("1.", StringComparison.Ordinal) ? null
            : $"an OCI image layout of the version '{version}'; known is {Version}";
    }

    /// <summary>Refuses a folder that holds other things: most likely a mistake in a path, not the place for a store.</summary>
    internal static void CheckUsable(BlobStore store)
    {
        for (string? path = store.Root; path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
                throw new BlobStoreException(BlobStoreFailure.NotALayout,
                    $"'{store.Root}' cannot be an OCI image layout: '{path}' is a file, not a folder.");
        }

        if (!Directory.Exists(store.Root))
            return;
        string? foreign = Directory.EnumerateFileSystemEntries(store.Root).Select(static path => Path.GetFileName(path))
            .FirstOrDefault(static name => name is not ("blobs" or "tmp" or "layers" or "scratch" or BlobStore.IndexFile));

        // What was no layout a moment ago may be one by now: somebody else makes the same store.
        if (foreign is not null && !File.Exists(Path.Combine(store.Root, BlobStore.LayoutFile)))
        {
            throw new BlobStoreException(
                BlobStoreFailure.NotALayout, $"'{store.Root}' is no OCI image layout, and not empty: it holds '{foreign}'.");
        }
    }

    /// <summary>
    /// Refuses to write through links inside a layout, which may be anybody's work. To the layout its owner may have made one.
    /// </summary>
    internal static void RefuseLinks(BlobStore store)
    {
        string blobs = Path.Combine(store.Root, "blobs");
        foreach (string folder in (ReadOnlySpan<string>)[blobs, Path.Combine(blobs, "sha256"), Path.Combine(blobs, "sha512"),
            store.TemporaryFolder, store.PartialFolder])
        {
            if (new DirectoryInfo(folder) is { LinkTarget: not null })
                throw DiskException.LinkForFolder(folder);
        }
    }

    internal static void Write(BlobStore store) => store.Replace(BlobStore.LayoutFile, """{"imageLayoutVersion":"1.0.0"}"""u8);
}
