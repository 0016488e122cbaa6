using System.Security.Cryptography;
using System.Text;
using WinLayers.Hosts;
using WinLayers.Oci.Disk;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Portable;

/// <summary>
/// The host for every system: what Windows does to layers, as far as it is about their contents. A layer is done when its volume is,
/// so there is nothing to stage, import or process. Disks, mounts and containers are beyond it.
/// </summary>
public sealed class PortableLayerHost : ILayerHost
{
    /// <summary>The only one that is needed: it has no state.</summary>
    public static PortableLayerHost Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "portable";

    /// <inheritdoc/>
    public bool BuildsInPlace => false;

    /// <inheritdoc/>
    /// <remarks>
    /// An id of this library, the same for the same last part of the path, whatever its letter case: its SHA-256 in the form of a
    /// name-based GUID. It is not what NameToGuid gives on Windows, whose way of making it is not published.
    /// </remarks>
    public Guid GetLayerId(string layerFolder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(layerFolder)));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.Unicode.GetBytes(name.ToUpperInvariant()), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: a scheme of one's own
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <inheritdoc/>
    public ILayerTree OpenTree(string layerFolder) => PortableTree.Open(layerFolder);

    /// <inheritdoc/>
    public LayerListing? List(ILayerTree layer) => layer is PortableTree portable ? new PortableListing(portable) : null;

    /// <inheritdoc/>
    public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity) => new PortableVolume(layerFolder, identity);

    /// <inheritdoc/>
    /// <remarks>The volume itself: links, removals and times act on it at once.</remarks>
    public ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder) => volume;

    /// <inheritdoc/>
    /// <remarks>Nothing is left to do: what was staged is in the volume.</remarks>
    public void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents)
    {
        if (!ReferenceEquals(volume, staging))
            throw new ArgumentException("The portable host imports only what it staged: the volume itself.", nameof(staging));
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do: Windows makes disks and a registry layout here that only Windows uses.</remarks>
    public void ProcessBaseLayer(string layerFolder)
    {
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do: Windows makes the Utility VM's disks here.</remarks>
    public void ProcessUtilityVm(string utilityVmFolder)
    {
    }

    /// <inheritdoc/>
    public void SetIdentity(string layerFolder, LayerIdentity identity) => IndexIdentity.Write(layerFolder, identity);

    /// <inheritdoc/>
    public LayerVerification Verify(
        string layerFolder, LayerChain parents, LayerIdentity? expected = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        PortableVerifier verifier = new(layerFolder, parents, progress);
        IReadOnlyCollection<LayerProblem> problems = verifier.Verify(expected, cancellationToken);
        return new LayerVerification(problems, verifier.Files, verifier.Bytes);
    }

    /// <inheritdoc/>
    public LayerIdentity? FindIdentity(string layerFolder)
    {
        try
        {
            using var tree = PortableTree.Open(layerFolder);
            return tree.Identity;
        }
        catch (Exception damaged) when (damaged is LayerIndexException or DiskException && !DiskException.IsOutOfFiles(damaged))
        {
            // Which is the answer: Verify tells what is wrong.
            return null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<LayerProblem> FindVisibleDamage(
        string layerFolder, LayerIdentity expected, CancellationToken cancellationToken = default) =>
        new PortableVerifier(layerFolder, []) { ReadsFiles = false }.Verify(expected, cancellationToken);

    /// <inheritdoc/>
    public bool TryRelink(string layerFolder, LayerChain parents) => PortableRelinker.TryRelink(layerFolder, parents);

    /// <inheritdoc/>
    /// <remarks>The bytes depend on the layer alone. Only a layer that changes a Utility VM looks into its parents.</remarks>
    public void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null)
    {
        using var layer = PortableTree.Open(layerFolder);
        using ChainTrees below = new(parents ?? LayerChain.ReadFile(layerFolder) ?? [], OpenTree);
        PortableExporter.Export(layer, below.All, tar);
    }

    /// <inheritdoc/>
    /// <remarks>Links are removed, never followed; files that other layers share stay theirs. No such folder: nothing happens.</remarks>
    public void Destroy(string layerFolder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(layerFolder));
        string parent = Path.GetDirectoryName(full) ?? throw new ArgumentException("A root is no layer.", nameof(layerFolder));
        if (!Directory.Exists(parent))
            return;
        using HostFolder folder = HostFolder.Open(parent);
        folder.RemoveTree(Path.GetFileName(full));
    }
}
