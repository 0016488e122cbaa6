using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Archives;

/// <summary><c>docker-archive:</c>: files as <c>docker save</c> writes them.</summary>
internal sealed class ArchiveImageTransport(bool replaces = false) : ImageTransport
{
    public override string Prefix => ArchiveReference.Prefix;

    public override string Syntax => "docker-archive:FILE[:NAME]";

    public override ImageReference? Parse(string text, out string? problem) => ArchiveReference.Read(text, out problem);

    public override async Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
        await DockerArchiveSource.OpenAsync((ArchiveReference)reference, cancellationToken).ConfigureAwait(false);

    public override async Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default) =>
        await DockerArchiveTarget.OpenAsync((ArchiveReference)reference, replaces, cancellationToken).ConfigureAwait(false);
}
