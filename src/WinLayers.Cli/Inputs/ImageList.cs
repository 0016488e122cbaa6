using System.Text;
using WinLayers.Cli.Frame;
using WinLayers.Oci.References;

namespace WinLayers.Cli.Inputs;

/// <summary>A file that names images, one a line; empty lines and those that start with # are left out.</summary>
internal static class ImageList
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads it; what is named twice counts once.</summary>
    /// <exception cref="UsageException">It names nothing, or is too large.</exception>
    /// <exception cref="ImageReferenceException">A line is no reference.</exception>
    public static async Task<IReadOnlyList<ImageReference>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path != "-" && !File.Exists(path))
            throw CommandFailedException.NotThere("the list of images", path,
                "Name a text file with an image on each line, or - for standard input");
        byte[] bytes = new byte[MaxBytes + 1];
        Stream file = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        int length;
        await using (file.ConfigureAwait(false))
            length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (length > MaxBytes)
            throw new UsageException($"--from-file: '{path}' has more than {MaxBytes} bytes");
        ImageReference[] images =
        [
            .. Encoding.UTF8.GetString(bytes, 0, length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(static line => !line.StartsWith('#')).Select(ImageArgument.Parse).Distinct(),
        ];
        return images.Length > 0 ? images : throw new UsageException($"--from-file: '{path}' names no image");
    }
}
