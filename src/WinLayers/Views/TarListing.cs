using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Views;

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

    // Compressed bytes are inflated once for all entries, not from the start for each.
    public override ContentPass OpenPass() => new Pass(this, new LayerTarReader(open(), limits, leaveOpen: false));

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

    private sealed class Pass(TarListing listing, LayerTarReader reader) : ContentPass
    {
        public override OpenContent Open(LayerPath path, long position)
        {
            while (listing.Next(reader) is { } entry && entry.TarOffset <= position)
            {
                if (entry.TarOffset == position)
                    return new Passing(entry.Content);
            }

            throw new FileNotFoundException($"No entry is at offset {position} of {listing.Name}.", path.Value);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                reader.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Passing(EntryContent content) : OpenContent
    {
        public override Stream Data => content.Data;

        public override AlternateStream? NextStream() => content.NextStream();

        protected override void Dispose(bool disposing)
        {
            // The reader is the pass's; it goes on behind this entry by itself.
        }
    }
}
