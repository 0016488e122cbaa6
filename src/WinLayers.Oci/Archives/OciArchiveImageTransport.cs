using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary><c>oci-archive:</c>: OCI image layouts packed as a tar.</summary>
internal sealed class OciArchiveImageTransport(bool replaces = false) : ImageTransport
{
    public override string Prefix => OciArchiveReference.Prefix;

    public override string Syntax => "oci-archive:FILE[:NAME]";

    public override ImageReference? Parse(string text, out string? problem) => OciArchiveReference.Read(text, out problem);

    public override async Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
        await OciArchiveSource.OpenAsync((OciArchiveReference)reference, cancellationToken).ConfigureAwait(false);

    public override async Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default) =>
        reference is OciArchiveReference { Digest: null } archive
            ? await OciArchiveTarget.OpenAsync(archive, replaces, cancellationToken).ConfigureAwait(false)
            : throw NotATarget(reference, "an image is sent to a name, not to a digest");
}
