using WinLayers.Cli.Frame;
using WinLayers.Cli.Terminal;
using WinLayers.Formats;
using WinLayers.Oci.Compression;

namespace WinLayers.Cli.Inputs;

/// <summary>A layer as one file: a tar, plain or compressed.</summary>
internal static class LayerFile
{
    private const string StandardInput = "-";

    /// <summary>What to call it in messages.</summary>
    public static string NameOf(string path) => path == StandardInput ? "standard input" : path;

    /// <summary>
    /// Opens the tar in it; what it is compressed with is told by its content. Reading moves the row and stops on cancellation.
    /// </summary>
    public static Stream OpenTar(string path, LayerLimits limits, ProgressRow row, CancellationToken cancellationToken)
    {
        Stream file = path == StandardInput ? Console.OpenStandardInput() : OpenFile(path);
        try
        {
            return Decompression.Open(new WatchedStream(file, row.Report, cancellationToken), NameOf(path), limits);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Its size; null where it comes from a pipe.</summary>
    public static long? SizeOf(string path) => path != StandardInput && File.Exists(path) ? new FileInfo(path).Length : null;

    private static FileStream OpenFile(string path)
    {
        if (!File.Exists(path))
            throw CommandFailedException.NotThere("the layer", path, "Name a layer's tar, plain or compressed with gzip or Zstandard");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }
}
