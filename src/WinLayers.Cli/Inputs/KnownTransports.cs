using WinLayers.Oci;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries.Client;
using WinLayers.Samples;

namespace WinLayers.Cli.Inputs;

/// <summary>The transports that the command knows, composed here alone.</summary>
internal static class KnownTransports
{
    /// <summary>For reading references: registries are named, not opened.</summary>
    public static ImageTransports Names { get; } = ImageTransports.Standard().WithSamples();

    /// <summary>For opening images as well.</summary>
    public static ImageTransports With(Func<RegistryReference, RegistryClient> clientFor) =>
        ImageTransports.Standard(clientFor).WithSamples();
}
