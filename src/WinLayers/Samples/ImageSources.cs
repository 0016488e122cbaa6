using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Layouts;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Sources;

namespace WinLayers.Samples;

/// <summary>Opens what a reference names, whatever its transport.</summary>
public static class ImageSources
{
    /// <summary>
    /// Opens an image to read. Belongs to the caller; the client is shared and stays with its owner. Only a registry's reference needs
    /// one.
    /// </summary>
    /// <exception cref="WinLayersException">There is no such folder, file or image.</exception>
    public static async Task<IImageSource> OpenAsync(ImageReference reference, RegistryClient? registries = null, CancellationToken cancellationToken = default) => reference switch
    {
        RegistryReference registry => new RegistrySource(Needed(registries), registry),
        LayoutReference layout => OciLayoutSource.Open(layout),
        ArchiveReference archive => await DockerArchiveSource.OpenAsync(archive, cancellationToken).ConfigureAwait(false),
        SampleReference sample => await SampleSource.OpenAsync(sample, cancellationToken).ConfigureAwait(false),
        _ => throw new ArgumentException($"Nothing reads {reference}.", nameof(reference)),
    };

    /// <summary>Opens a place for an image to go. Belongs to the caller; the client is shared and stays with its owner.</summary>
    /// <param name="reference">The place.</param>
    /// <param name="from">Where the image comes from: blobs move inside one registry without being sent.</param>
    /// <param name="registries">Speaks to registries; needed where the place is one.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ImageReferenceException">Nothing can be written there: it is a sample, or names a digest.</exception>
    public static async Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from, RegistryClient? registries, CancellationToken cancellationToken)
    {
        switch (reference)
        {
            case RegistryReference registry:
                return new RegistryTarget(Needed(registries), registry, from as RegistryReference);
            case LayoutReference { Digest: null } layout:
                return await OciLayoutTarget.OpenAsync(layout, cancellationToken).ConfigureAwait(false);
            case ArchiveReference archive:
                return await DockerArchiveTarget.OpenAsync(archive, cancellationToken).ConfigureAwait(false);
            default:
                string reason = reference is LayoutReference ? "an image is sent to a name, not to a digest" : "samples cannot be written";
                throw new ImageReferenceException(ImageReferenceFailure.NotATarget, reference.ToString(), reason);
        }
    }

    private static RegistryClient Needed(RegistryClient? registries) =>
        registries ?? throw new ArgumentNullException(nameof(registries), "A registry's reference needs a client.");
}
