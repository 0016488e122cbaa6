using WinLayers.Views;

namespace WinLayers.Cli.Verbs;

/// <summary>One file in the list that <c>ls --json</c> prints.</summary>
internal sealed record ListedFile(
    string Path,
    string Kind,
    long Size,
    int Attributes,
    DateTime? Modified,
    int Layer,
    string? Sha256,
    string? LinkTarget,
    string? ReparseTarget,
    IReadOnlyList<string>? Streams)
{
    private const long TicksBefore1601 = 504_911_232_000_000_000;

    public static ListedFile Of(MergedEntry entry) => new(
        entry.Path.Value.Replace('\\', '/'),
        entry.IsDirectory ? "directory" : "file",
        entry.Size,
        (int)entry.Metadata.Attributes,
        ModifiedOf(entry),
        entry.Layer,
        entry.Sha256?.ToString(),
        entry.LinkTarget?.Value.Replace('\\', '/'),
        entry.Metadata.Reparse is { } reparse && (reparse.IsSymbolicLink || reparse.IsMountPoint) ? reparse.PrintName : null,
        entry.Streams.Count > 0 ? [.. entry.Streams.Select(stream => stream.Name)] : null);

    public static string TimeOf(MergedEntry entry) => ModifiedOf(entry) is { } time ? $"{time:yyyy-MM-dd HH:mm}" : "                ";

    // A file time may be later than any that the framework knows.
    private static DateTime? ModifiedOf(MergedEntry entry) =>
        entry.Metadata.Times.Write.Ticks is var ticks and > 0 && ticks <= DateTime.MaxValue.Ticks - TicksBefore1601
            ? new DateTime(ticks + TicksBefore1601, DateTimeKind.Utc)
            : null;
}

/// <summary>What <c>ls --json</c> prints of an image.</summary>
internal sealed record ListedFiles(string Image, string? Digest, string Path, IEnumerable<ListedFile> Files);
