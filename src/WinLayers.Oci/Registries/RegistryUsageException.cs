using WinLayers.Formats;

namespace WinLayers.Oci.Registries;

/// <summary>A setting for registries cannot be used as given.</summary>
public sealed class RegistryUsageException : WinLayersException
{
    internal RegistryUsageException(string message, Exception? innerException = null)
        : base("WCL4009", message, innerException)
    {
    }
}
