using WinLayers.Formats;

namespace WinLayers.Oci.Content;

/// <summary>A folder of blobs is not what it should be, or lacks what is asked of it.</summary>
public sealed class BlobStoreException : WinLayersException
{
    internal const string NotALayout = "WCL5001";
    internal const string Missing = "WCL5002";
    internal const string UnknownName = "WCL5004";
    internal const string AmbiguousName = "WCL5005";
    internal const string Damaged = "WCL5006";

    internal BlobStoreException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
