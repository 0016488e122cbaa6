using WinLayers.Oci.Disk;

namespace WinLayers.Storage;

/// <summary>
/// A folder of a store for work in flight that becomes no layer, such as an export's transport folder. While it is held no layer and no
/// blob is collected;
/// disposed, it goes, and what a killed process left is collected.
/// </summary>
public sealed class StoreWork : IDisposable
{
    private readonly StorePaths _paths;
    private readonly StoreLease _lease;

    internal StoreWork(StorePaths paths, StoreLease lease)
    {
        _paths = paths;
        _lease = lease;
        Folder = paths.NewWork();
        Directory.CreateDirectory(Folder);
    }

    /// <summary>The folder, empty at first.</summary>
    public string Folder { get; }

    /// <summary>Removes the folder and gives the lease up.</summary>
    public void Dispose()
    {
        try
        {
            using HostFolder temporary = HostFolder.Open(_paths.Temporary);
            temporary.RemoveTree(Path.GetFileName(Folder));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Whoever disposes may have a failure on its way that says more; the next collection takes the folder.
        }
        finally
        {
            _lease.Dispose();
        }
    }
}
