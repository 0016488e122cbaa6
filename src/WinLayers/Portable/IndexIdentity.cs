using System.Buffers;
using Microsoft.Win32.SafeHandles;
using WinLayers.Oci.Disk;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>Writes another header into the index of a finished layer: its DiffID was known only when all of its tar was read.</summary>
internal static class IndexIdentity
{
    private const string Temporary = ".layer.jsonl";
    private const int BlockBytes = 256 << 10;

    public static void Write(string layerFolder, LayerIdentity identity)
    {
        string name = Path.Combine(layerFolder, StoredNames.Index);
        try
        {
            using HostFolder folder = HostFolder.Open(layerFolder);
            using (SafeFileHandle index = folder.OpenFile(StoredNames.Index))
            using (SafeFileHandle changed = folder.TryMakeFile(Temporary) ?? throw new IOException("the name is taken"))
            {
                Copy(index, changed, name, identity);
                RandomAccess.FlushToDisk(changed);
            }

            folder.Rename(Temporary, folder, StoredNames.Index);
            folder.Sync();
        }
        catch (Exception cause) when (
            cause is not DiskException and not LayerIndexException && cause is IOException or UnauthorizedAccessException)
        {
            throw DiskException.FromIO(cause, "cannot write", name);
        }
    }

    // All lines but the first and the last, which are made anew.
    private static void Copy(SafeFileHandle from, SafeFileHandle to, string name, LayerIdentity identity)
    {
        using LayerIndexLines lines = new(from, name);
        using IndexAppender appender = new(to);
        appender.AppendHeader(identity);
        if (!lines.TryRead(out _))
            throw new LayerIndexException(name, "is empty");
        IndexBlock block = new();
        long blocks = 0;
        while (lines.TryRead(out ReadOnlyMemory<byte> line) && !line.Span.StartsWith("{\"end\":"u8))
        {
            block.Bytes.Write(lines.LineAndEnd);
            block.Lines++;
            if (block.Bytes.WrittenCount < BlockBytes)
                continue;
            appender.Append(blocks++, block);
            block = new IndexBlock();
        }

        appender.Append(blocks, block);
        appender.Finish();
    }
}
