using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Layouts;

/// <summary><c>oci:</c>: OCI image layout folders.</summary>
internal sealed class LayoutImageTransport : ImageTransport
{
    public override string Prefix => LayoutReference.Prefix;

    public override string Syntax => "oci:FOLDER[:NAME]";

    public override ImageReference? Parse(string text, out string? problem) => LayoutReference.Read(text, out problem);

    public override Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
        Task.FromResult<IImageSource>(OciLayoutSource.Open((LayoutReference)reference));

    public override async Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default) =>
        reference is LayoutReference { Digest: null } layout
            ? await OciLayoutTarget.OpenAsync(layout, cancellationToken).ConfigureAwait(false)
            : throw NotATarget(reference, "an image is sent to a name, not to a digest");
}
