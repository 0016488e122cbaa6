using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;

namespace WinLayers.Portable;

/// <summary>The alternate streams of a layer: files in <c>streams/</c>, each under its SHA-256, so that equal ones are one.</summary>
internal sealed class StreamStore(HostFolder layer) : IDisposable
{
    private const string Unfinished = "unfinished";

    private HostFolder? _folder;

    /// <summary>Stores all streams of an entry; empty where it has none.</summary>
    public IReadOnlyList<LayerIndexStream> StoreAll(EntryContent content)
    {
        List<LayerIndexStream>? stored = null;
        while (content.NextStream() is { } stream)
            (stored ??= []).Add(Store(stream));
        return stored ?? (IReadOnlyList<LayerIndexStream>)[];
    }

    /// <summary>Takes over a stream of another layer: as a further name of its file, or as a copy.</summary>
    public void Adopt(LayerIndexStream stream, HostFolder otherLayer)
    {
        HostFolder folder = Folder();
        if (folder.Find(stream.Sha256.Hex) is not null)
            return;
        using HostFolder other = otherLayer.OpenFolder(StoredNames.Streams);
        if (folder.TryLink(other, stream.Sha256.Hex, stream.Sha256.Hex))
            return;
        using SafeFileHandle source = other.OpenFile(stream.Sha256.Hex);
        using FileStream data = new(source, FileAccess.Read, bufferSize: 0);
        Store(new AlternateStream(stream.Name, data));
    }

    public void Dispose() => _folder?.Dispose();

    private LayerIndexStream Store(AlternateStream stream)
    {
        HostFolder folder = Folder();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
        try
        {
            // A killed or failed predecessor never leaves one: the layer's folder is new. So a name that is taken is an intruder's.
            SafeFileHandle file = folder.TryMakeFile(Unfinished)
                ?? throw DiskException.FromIO(new IOException("the name is taken"), "cannot make the file",
                    Path.Combine(folder.Location, Unfinished));
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            using (file)
            {
                int read;
                while ((read = stream.Data.Read(buffer)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    RandomAccess.Write(file, buffer.AsSpan(0, read), size);
                    size += read;
                }
            }

            Digest digest = Digest.FromHash(hash.GetCurrentHash());
            if (folder.Find(digest.Hex) is null)
                folder.Rename(Unfinished, folder, digest.Hex);
            else
                folder.RemoveFile(Unfinished);
            return new LayerIndexStream(stream.Name, size, digest);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, $"cannot store the stream '{stream.Name}' in", folder.Location);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private HostFolder Folder()
    {
        if (_folder is null)
        {
            layer.TryMakeFolder(StoredNames.Streams);
            _folder = layer.OpenFolder(StoredNames.Streams);
        }

        return _folder;
    }
}
