using WinLayers.Oci.References;

namespace WinLayers.Oci.Sources;

/// <summary>
/// One way to name, read and write images: a registry's, a layout's. Whoever has another kind derives from it and adds it
/// to the set of transports. One object serves any number of calls at once.
/// </summary>
public abstract class ImageTransport
{
    /// <summary>What every reference of it starts with, <c>oci:</c> for example; no two transports of a set share it.</summary>
    public abstract string Prefix { get; }

    /// <summary>How a reference is written, for messages: <c>oci:FOLDER[:NAME]</c>.</summary>
    public abstract string Syntax { get; }

    /// <summary>Reads what follows the prefix. The text is not empty with it, bounded, and holds no control characters.</summary>
    /// <param name="text">The text after the prefix.</param>
    /// <param name="problem">What is wrong with it, as part of a sentence; null where nothing is.</param>
    /// <returns>
    /// The reference, which writes itself with the prefix in front and equals what is read from that; null where the text is none.
    /// </returns>
    public abstract ImageReference? Parse(string text, out string? problem);

    /// <summary>Opens an image to read. It belongs to the caller.</summary>
    /// <param name="reference">A reference that <see cref="Parse"/> gave.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    public abstract Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default);

    /// <summary>Opens a place for an image to go, which belongs to the caller; without an override there is none.</summary>
    /// <param name="reference">A reference that <see cref="Parse"/> gave.</param>
    /// <param name="from">Where the image comes from, of any transport: what is there already need not be sent.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ImageReferenceException">Nothing can be written there.</exception>
    public virtual Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default) =>
        throw NotATarget(reference, $"nothing can be written to {Prefix}");

    /// <summary>The refusal to write.</summary>
    /// <param name="reference">Where.</param>
    /// <param name="reason">Why not, as part of a sentence.</param>
    protected static ImageReferenceException NotATarget(ImageReference reference, string reason)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new ImageReferenceException(ImageReferenceFailure.NotATarget, reference.ToString(), reason);
    }
}
