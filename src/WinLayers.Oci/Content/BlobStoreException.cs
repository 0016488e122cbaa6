using System.Diagnostics;
using WinLayers.Formats;

namespace WinLayers.Oci.Content;

/// <summary>What is wrong with a folder of blobs.</summary>
public enum BlobStoreFailure
{
    /// <summary>The folder is not an OCI image layout, or one of an unknown version.</summary>
    NotALayout,

    /// <summary>The blob is not there.</summary>
    Missing,

    /// <summary>The layout has no image of this name.</summary>
    UnknownName,

    /// <summary>The layout has several images that could be meant.</summary>
    AmbiguousName,

    /// <summary>A stored blob does not have the bytes that its digest promises.</summary>
    Damaged,
}

/// <summary>A folder of blobs is damaged or not an image layout, or does not have what is asked of it.</summary>
public sealed class BlobStoreException : WinLayersException
{
    internal BlobStoreException(BlobStoreFailure reason, string message, Exception? innerException = null)
        : base(CodeOf(reason), message, innerException) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public BlobStoreFailure Reason { get; }

    internal static string CodeOf(BlobStoreFailure reason) => reason switch
    {
        BlobStoreFailure.NotALayout => "WCL5001",
        BlobStoreFailure.Missing => "WCL5002",
        BlobStoreFailure.UnknownName => "WCL5004",
        BlobStoreFailure.AmbiguousName => "WCL5005",
        BlobStoreFailure.Damaged => "WCL5006",
        _ => throw new UnreachableException(),
    };
}
