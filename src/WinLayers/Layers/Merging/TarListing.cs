using WinLayers.Ntfs;
using WinLayers.Tar;

namespace WinLayers.Layers.Merging;

/// <summary>A layer listed from its tar.</summary>
internal sealed class TarListing(string name, Func<Stream> open, LayerLimits? limits) : LayerListing
{
    public override string Name => name;

    public override bool IsUnpacked => false;

    public override IEnumerable<ListingEntry> Read()
    {
        using LayerTarReader reader = new(open(), limits, leaveOpen: false);
        while (Next(reader) is { } entry)
        {
            long size = entry.Kind is LayerEntryKind.File ? entry.Content.Data.Length : 0;
            List<ListingStream>? streams = null;
            while (entry.Content.NextStream() is { } stream)
                (streams ??= []).Add(new ListingStream(stream.Name, stream.Data.Length));
            yield return new ListingEntry
            {
                Kind = entry.Kind,
                Path = entry.Path,
                Metadata = entry.Metadata,
                Size = size,
                LinkTarget = entry.LinkTarget,
                Position = entry.TarOffset,
                Streams = streams ?? (IReadOnlyList<ListingStream>)[],
            };
        }
    }

    public override OpenContent OpenContent(LayerPath path, long position)
    {
        Stream tar = open();
        try
        {
            long start = 0;
            if (tar.CanSeek)
                tar.Seek(start = position, SeekOrigin.Current);
            LayerTarReader reader = new(tar, limits, leaveOpen: false);
            while (Next(reader) is { } entry)
            {
                if (start + entry.TarOffset == position)
                    return new Opened(reader, entry.Content);
            }
        }
        catch
        {
            tar.Dispose();
            throw;
        }

        tar.Dispose();
        throw new FileNotFoundException($"No entry is at offset {position} of {name}.", path.Value);
    }

    private LayerEntry? Next(LayerTarReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (LayerRefusedException refused)
        {
            throw refused.At(layer: name);
        }
    }

    private sealed class Opened(LayerTarReader reader, EntryContent content) : OpenContent
    {
        public override Stream Data => content.Data;

        public override AlternateStream? NextStream() => content.NextStream();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                reader.Dispose();
        }
    }
}
