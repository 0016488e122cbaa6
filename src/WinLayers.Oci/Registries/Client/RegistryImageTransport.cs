using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Registries.Client;

/// <summary><c>docker://</c>: registries, spoken to by the client that is given for a reference.</summary>
internal sealed class RegistryImageTransport(Func<RegistryReference, RegistryClient> clientFor) : ImageTransport
{
    public override string Prefix => RegistryReference.Prefix;

    public override string Syntax => "[docker://]HOST/REPO[:TAG]";

    public override ImageReference? Parse(string text, out string? problem) => RegistryReference.Read(text, out problem);

    public override Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default)
    {
        var image = (RegistryReference)reference;
        return Task.FromResult<IImageSource>(new RegistrySource(clientFor(image), image));
    }

    public override Task<IImageTarget> OpenTargetAsync(
        ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default)
    {
        var image = (RegistryReference)reference;
        return Task.FromResult<IImageTarget>(new RegistryTarget(clientFor(image), image, from as RegistryReference));
    }
}
