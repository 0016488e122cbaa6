using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Volumes;

namespace WinLayers.Views;

/// <summary>What one layer says, entry by entry, wherever it is: a tar, or an unpacked folder.</summary>
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

    /// <summary>Starts on a way through the contents. Where entries can be reached one by one, that is all it does.</summary>
    internal virtual ContentPass OpenPass() => new EachAlone(this);

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
