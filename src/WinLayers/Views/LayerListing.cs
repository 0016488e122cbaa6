using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>What one layer says, entry by entry, wherever it is: a tar, or an unpacked folder.</summary>
/// <remarks>
/// To list layers that are kept in another way, derive: <see cref="Name"/>, <see cref="IsUnpacked"/>, <see cref="Read"/> and
/// <see cref="OpenContent"/> are enough. Where reaching one entry costs a way through those before it, override <see cref="OpenPass"/>
/// too: an extraction takes all that it wants of a layer in one pass. A merged view calls <see cref="Read"/> once and keeps names and
/// metadata; several threads may ask it to open contents at the same time.
/// </remarks>
public abstract class LayerListing
{
    /// <summary>How people call the layer: its digest, file or folder.</summary>
    public abstract string Name { get; }

    /// <summary>Which layer it is, where that is known.</summary>
    public virtual LayerIdentity? Identity => null;

    /// <summary>
    /// Whether the entries are the layer's folder as it became, each changing what the ones before said. Otherwise they are those of a tar,
    /// where removals follow everything else, and links follow the removals.
    /// </summary>
    public abstract bool IsUnpacked { get; }

    /// <summary>The entries in order. A pass over the whole layer.</summary>
    /// <exception cref="LayerRefusedException">The layer is damaged, or an entry breaks a rule.</exception>
    public abstract IEnumerable<ListingEntry> Read();

    /// <summary>Opens data and alternate streams of an entry; a tar that cannot seek is read up to it. Belongs to the caller.</summary>
    /// <param name="path">The entry's path.</param>
    /// <param name="position">The entry's <see cref="ListingEntry.Position"/>.</param>
    public abstract OpenContent OpenContent(LayerPath path, long position);

    /// <summary>
    /// Reads all metadata of what is at an entry's path in the end; null where nothing is. Without an override, it is looked for among all
    /// entries.
    /// </summary>
    /// <param name="path">The entry's path.</param>
    /// <param name="position">The entry's <see cref="ListingEntry.Position"/>.</param>
    public virtual FileMetadata? ReadMetadata(LayerPath path, long position)
    {
        FileMetadata? found = null;
        foreach (ListingEntry entry in Read())
        {
            if (entry.Position != position || entry.Path != path)
                continue;
            found = entry.Metadata;
            if (position > 0)
                break;
        }

        return found;
    }

    /// <summary>
    /// Starts on a way through the contents; the caller disposes of it. Without an override, every entry is opened by itself, which is
    /// as good where entries can be reached one by one.
    /// </summary>
    public virtual ContentPass OpenPass() => new EachAlone(this);

    /// <summary>Lists a layer's tar.</summary>
    /// <param name="name">How people call it.</param>
    /// <param name="open">Opens the uncompressed tar from its start; called for every pass. The listing closes what it opened.</param>
    /// <param name="limits">What the layer may cost.</param>
    public static LayerListing FromTar(string name, Func<Stream> open, LayerLimits? limits = null) => new TarListing(name, open, limits);

    private sealed class EachAlone(LayerListing listing) : ContentPass
    {
        public override OpenContent Open(LayerPath path, long position) => listing.OpenContent(path, position);
    }
}
