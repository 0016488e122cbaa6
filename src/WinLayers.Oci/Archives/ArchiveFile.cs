using WinLayers.Oci.Compression;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;

namespace WinLayers.Oci.Archives;

/// <summary>Opens an archive as a plain tar that can be read anywhere.</summary>
internal static class ArchiveFile
{
    private const int HeadLength = 512;

    internal static async Task<FileStream> OpenPlainAsync(string path, CancellationToken cancellationToken)
    {
        FileStream file = OpenRead(path);
        try
        {
            byte[] head = new byte[HeadLength];
            int length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            switch (Decompression.Detect(head.AsSpan(0, length)))
            {
                case LayerCompression.None:
                    return file;
                case null:
                    throw new ArchiveException(ArchiveFailure.Malformed, path, "it is neither a tar nor a compressed one");
            }

            FileStream plain = await SpoolAsync(file, path, cancellationToken).ConfigureAwait(false);
            await file.DisposeAsync().ConfigureAwait(false);
            return plain;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A file that is gone once it is closed, also by the end of a killed program, and that nobody else opens.</summary>
    internal static FileStream CreateTemporary()
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0 };
        string path = Path.Combine(Path.GetTempPath(), $"winlayers-{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
            return new FileStream(path, options);
        }

        // An open file needs no name here.
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        FileStream file = new(path, options);
        File.Delete(path);
        return file;
    }

    private static async Task<FileStream> SpoolAsync(FileStream compressed, string path, CancellationToken cancellationToken)
    {
        FileStream plain = CreateTemporary();
        try
        {
            Stream tar = Decompression.Open(compressed, path, leaveOpen: true);
            await using (tar.ConfigureAwait(false))
                await tar.CopyToAsync(plain, 1 << 20, cancellationToken).ConfigureAwait(false);
            plain.Position = 0;
            return plain;
        }
        catch
        {
            await plain.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static FileStream OpenRead(string path)
    {
        try
        {
            // Links are followed, as anywhere on a command line; a pipe would be waited for without end, and cannot be set back.
            return PlainFile.OpenRead(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        }
        catch (DiskException other) when (other.Reason == DiskFailure.NotAPlainFile)
        {
            throw new ArchiveException(ArchiveFailure.Malformed, path, "it is no plain file", other);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new ArchiveException(ArchiveFailure.Malformed, path,
                e is UnauthorizedAccessException ? "it cannot be read" : "there is no such file", e);
        }
    }
}
