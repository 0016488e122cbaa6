using WinLayers.Formats;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>Credentials could not be stored or removed: a helper fails, or a file is not what docker and podman write.</summary>
/// <remarks>No message holds a secret.</remarks>
public sealed class CredentialStoreException : WinLayersException
{
    internal CredentialStoreException(string place, string problem)
        : base("WCL4011", $"The credentials in '{place}' cannot be changed: {problem}.") =>
        Place = place;

    /// <summary>The file that says where the credentials are.</summary>
    public string Place { get; }
}
