using WinLayers.Formats;

namespace WinLayers.Windows.Errors;

/// <summary>
/// This system does not have what a call needs: another system than Windows, a Windows without containers, or an older build.
/// </summary>
public sealed class HostNotSupportedException : WinLayersException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="what">What is missing.</param>
    /// <param name="innerException">How it was found out.</param>
    public HostNotSupportedException(string what, Exception? innerException = null)
        : base("WCL6002", what, innerException)
    {
    }

    internal static HostNotSupportedException MissingLibrary(string library, string call, Exception innerException) =>
        new($"{call} is not on this Windows: {library} is missing", innerException)
        {
            Remedy = "Turn on the Containers feature (Enable-WindowsOptionalFeature -Online -FeatureName Containers; on a server " +
                "Install-WindowsFeature Containers) and restart, or use the portable host.",
        };

    internal static HostNotSupportedException MissingFunction(string library, string call, Exception innerException) =>
        new($"{call} is not on this Windows build: {library} does not export it", innerException)
        {
            Remedy = "Use a newer Windows build, or the scratch method that the older one has.",
        };
}
