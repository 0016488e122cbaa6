using WinLayers.Formats.Names;
using WinLayers.Oci.Disk;

namespace WinLayers.Views;

/// <summary>How a part of the merged view is written to plain folders.</summary>
public sealed record ExtractOptions
{
    /// <summary>
    /// Make symbolic links for the reparse points that are links, as far as they stay inside the destination. Otherwise, and for all
    /// others,
    /// they are left out and reported.
    /// </summary>
    public bool SymbolicLinks { get; init; }

    /// <summary>Replace files that are there already. Otherwise they are a failure.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>Something that could not be written as it is in the layer.</summary>
/// <param name="Path">The path in the layer.</param>
/// <param name="Reason">Why, in a few words.</param>
/// <param name="IsLost">Whether it is a file that was asked for and could not be had, not a link that the options leave out.</param>
public sealed record ExtractOmission(LayerPath Path, string Reason, bool IsLost);

/// <summary>What an extraction wrote.</summary>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Omissions">What was left out.</param>
public sealed record ExtractResult(long Files, long Bytes, IReadOnlyList<ExtractOmission> Omissions);

/// <summary>
/// Writes files of the merged view to a folder, with what the system can hold: contents, times, read-only. Everything is made relative to
/// open folders, never through a link, so nothing lands outside whatever the layers or the destination hold.
/// </summary>
public static class MergedExtractor
{
    /// <summary>Writes what is at the path: a file under its name, or a directory's contents.</summary>
    /// <param name="view">The layers.</param>
    /// <param name="path">A file, or a directory such as <c>Files</c>.</param>
    /// <param name="destination">The folder to write to; made where it is not there.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how many bytes of files are written.</param>
    /// <param name="cancellationToken">Stops between two entries; what was written stays.</param>
    /// <exception cref="EntryNotFoundException">Nothing is at the path.</exception>
    /// <exception cref="DiskException">The destination cannot be written, or a file is there already.</exception>
    public static ExtractResult Extract(
        MergedView view, LayerPath path, string destination, ExtractOptions? options = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        string root = Path.GetFullPath(destination);
        MergedEntry? only = Find(view, path);
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot make the folder", root);
        }

        using HostFolder folder = HostFolder.Open(root);
        using var extraction =
            new FolderExtraction(view, TopOf(path, only), folder, options ?? new ExtractOptions(), progress, cancellationToken);
        return Run(extraction, only);
    }

    /// <summary>
    /// Writes what is at the path to a plain tar, under the full names that the view has, names of one file as hard links; in the order of
    /// the layers, so that each is read once. Security, attributes, alternate streams and extended attributes have no place in it.
    /// </summary>
    /// <param name="view">The layers.</param>
    /// <param name="path">A file, or a directory such as <c>Files</c>.</param>
    /// <param name="tar">Takes the tar from where it stands; need not seek, and stays open.</param>
    /// <param name="options">How; nothing is there to be replaced.</param>
    /// <param name="progress">Told how many bytes of files are written.</param>
    /// <param name="cancellationToken">Stops between two entries; the tar is then not whole.</param>
    /// <exception cref="EntryNotFoundException">Nothing is at the path.</exception>
    public static ExtractResult WriteTar(
        MergedView view, LayerPath path, Stream tar, ExtractOptions? options = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(tar);
        MergedEntry? only = Find(view, path);
        using var extraction =
            new TarExtraction(view, TopOf(path, only), tar, options ?? new ExtractOptions(), progress, cancellationToken);
        return Run(extraction, only);
    }

    private static MergedEntry? Find(MergedView view, LayerPath path) =>
        path.IsRoot ? null : view.Find(path) ?? throw new EntryNotFoundException(path, $"Nothing is at '{path}'.");

    private static LayerPath TopOf(LayerPath path, MergedEntry? only) => only is null or { IsDirectory: true } ? path : path.Parent;

    private static ExtractResult Run(Extraction extraction, MergedEntry? only)
    {
        if (only is { IsDirectory: false })
            extraction.Plan(only);
        else
            extraction.PlanChildren();
        return extraction.Run();
    }
}
