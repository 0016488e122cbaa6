using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WinLayers.Formats.Names;
using WinLayers.Hosts;
using WinLayers.Transport;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;
using WinLayers.Windows.Scratch;
using WinLayers.Windows.UtilityVm;
using WinLayers.Windows.Volumes;

namespace WinLayers.Windows;

/// <summary>Windows itself: layers are finished by the Host Compute Service, so that containers can start on them.</summary>
/// <remarks>
/// HCS knows a layer by the last part of its folder's name (<see cref="GetLayerId"/>): a layer whose folder is renamed has another id,
/// and the
/// layers above name it by the one that its folder has at that time. Safe for several threads that work on different layers.
/// <para>
/// Making one changes nothing. A call that reads or writes a layer's files switches those privileges of the process on that it needs
/// (<see cref="HostPrivileges"/>), and fails with <see cref="PrivilegeMissingException"/> where the process does not hold one; scratch
/// layers, machines' disks and access for machines need none. Where this is not a Windows with containers, calls fail with
/// <see cref="HostNotSupportedException"/>, before anything is written.
/// </para>
/// </remarks>
/// <param name="logger">Told of each call of the host, at debug level.</param>
[SupportedOSPlatform("windows")]
public sealed class HcsLayerHost(ILogger<HcsLayerHost>? logger = null) : ILayerHost, IRuntimeStorage
{
    private readonly ILogger _logger = logger ?? NullLogger<HcsLayerHost>.Instance;
    private readonly LayerCalls _calls = new((ILogger)(logger ?? NullLogger<HcsLayerHost>.Instance));

    /// <inheritdoc/>
    public string Name => HcsLayerForm.HostName;

    /// <inheritdoc/>
    /// <remarks>
    /// The templates <c>blank.vhdx</c> and <c>SystemTemplate.vhdx</c> are differencing disks that name their parent by its full path.
    /// </remarks>
    public bool BuildsInPlace => true;

    /// <inheritdoc/>
    public Guid GetLayerId(string layerFolder) => _calls.NameToGuid(HostPath.LastPart(layerFolder));

    /// <inheritdoc/>
    public ILayerTree OpenTree(string layerFolder)
    {
        Need(HostPrivileges.ToRead);
        return NtfsTree.Open(layerFolder);
    }

    /// <inheritdoc/>
    public ILayerVolume CreateVolume(string layerFolder, LayerIdentity identity)
    {
        Need(HostPrivileges.Needed);
        HcsProbe.RequireLibrary();
        HcsProbe.RequireVolume(layerFolder);
        return NtfsVolume.Open(layerFolder);
    }

    /// <inheritdoc/>
    public ILayerVolume CreateStaging(ILayerVolume volume, string stagingFolder)
    {
        string layer = Path.TrimEndingDirectorySeparator(volume.Location) + '\\';
        return Path.GetFullPath(stagingFolder).StartsWith(layer, StringComparison.OrdinalIgnoreCase)
            ? throw new ArgumentException("A layer is not staged in its own folder: the import would fail.", nameof(stagingFolder))
            : new TransportVolume(stagingFolder, volume);
    }

    /// <inheritdoc/>
    public void Import(ILayerVolume volume, ILayerVolume staging, LayerChain parents)
    {
        if (staging is not TransportVolume transport)
            throw new ArgumentException("Windows imports from a transport folder.", nameof(staging));
        Need(HostPrivileges.Needed);
        using ChainTrees trees = new(parents, OpenTree);
        ImportFolder(volume, transport.Location, transport.Plan, trees.All);
    }

    /// <summary>Imports a folder that was staged earlier, perhaps on another system, with all that has to follow.</summary>
    /// <param name="stagedFolder">The transport folder.</param>
    /// <param name="layerFolder">The layer's folder: not there yet, or empty. After a failure it is removed.</param>
    /// <param name="parents">
    /// The layers below. A plan that names them by other folders (on the system where it was made) finds them by the last
    /// part of the name.
    /// </param>
    /// <param name="plan">What follows the import; null for the file beside the staged folder, <c>FOLDER.plan.json</c>.</param>
    /// <param name="utilityVmTar">
    /// The layer's changes of the Utility VM; null for the file beside the staged folder, <c>FOLDER.uvm.tar</c>, where the plan says that
    /// there are any.
    /// </param>
    /// <exception cref="StagingException">
    /// The plan, the tar that it calls for or a directory that it names is missing: nothing is imported.
    /// </exception>
    public void ImportStaged(
        string stagedFolder, string layerFolder, LayerChain parents, LayerPlan? plan = null, string? utilityVmTar = null)
    {
        Need(HostPrivileges.Needed);
        HcsProbe.RequireLibrary();
        HcsProbe.RequireVolume(layerFolder);
        var staged = StagedFiles.Require(stagedFolder, plan, utilityVmTar);
        if (Directory.Exists(layerFolder) && Directory.EnumerateFileSystemEntries(layerFolder).Any())
            throw HostStateException.FolderHasContents(layerFolder);
        HalfMade.RemoveAfter(layerFolder, evenIfDone: false, () => ImportStaged(staged, layerFolder, parents));
    }

    /// <inheritdoc/>
    public void ProcessBaseLayer(string layerFolder)
    {
        Need(HostPrivileges.ToWrite);
        _calls.ProcessBaseImage(layerFolder);
        LayerChain.Empty.WriteFile(layerFolder);
    }

    /// <inheritdoc/>
    public void ProcessUtilityVm(string utilityVmFolder)
    {
        Need(HostPrivileges.ToWrite);
        _calls.ProcessUtilityImage(utilityVmFolder);
    }

    /// <inheritdoc/>
    public void Destroy(string layerFolder)
    {
        Need(HostPrivileges.ToWrite);
        _calls.DestroyLayer(layerFolder);
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do: Windows knows a layer by its folder's name.</remarks>
    public void SetIdentity(string layerFolder, LayerIdentity identity)
    {
    }

    /// <inheritdoc/>
    /// <remarks>Windows keeps no digests of a layer's files.</remarks>
    public LayerVerification Verify(
        string layerFolder, LayerChain parents, LayerIdentity? expected = null,
            IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        LayerVerification.NoDigests;

    /// <summary>Writes a diff layer as its transport folder, with <c>tombstones.txt</c>.</summary>
    /// <param name="layerFolder">
    /// The layer: an imported one, or a scratch layer that is not mounted; that is mounted on the way, so that one which no container has
    /// used can be exported too.
    /// </param>
    /// <param name="transportFolder">Where to; made if it is not there, and empty.</param>
    /// <param name="parents">The layers below; null takes them from the layer's <c>layerchain.json</c>.</param>
    /// <exception cref="HostStateException">The scratch layer is mounted, or does not know its parents.</exception>
    public void ExportTransport(string layerFolder, string transportFolder, LayerChain? parents = null)
    {
        Need(HostPrivileges.ToRead);
        Directory.CreateDirectory(transportFolder);
        string layer = Path.GetFullPath(layerFolder);
        if (LayerFolder.Identify(layer) is LayerFolderKind.Scratch)
        {
            // Waits between attempts alone are asynchronous in it.
            OpenScratch(layer, parents).ExportAsync(transportFolder, CancellationToken.None).GetAwaiter().GetResult();
            return;
        }

        // A layer without a disk of its own has nothing to activate: activating does nothing there, and preparing wants a disk.
        _calls.ExportLayer(layer, transportFolder, parents is null ? LayerChain.ReadFile(layer) ?? [] : HostPath.ToFull(parents));
    }

    /// <summary>Writes a layer as its tar: one with parents by way of its transport folder, a base layer by walking its files.</summary>
    /// <param name="layerFolder">The layer: an imported one, or a scratch layer that is not mounted.</param>
    /// <param name="tar">Takes the uncompressed tar; stays open.</param>
    /// <param name="workFolder">
    /// A folder for the transport folder, which is removed again; on the volume of the store, since it grows as large as the layer.
    /// </param>
    /// <param name="parents">The layers below; null takes them from the layer's <c>layerchain.json</c>.</param>
    public void Export(string layerFolder, Stream tar, string workFolder, LayerChain? parents = null)
    {
        Need(HostPrivileges.ToRead);
        parents ??= LayerChain.ReadFile(layerFolder) ?? [];
        if (parents.Count == 0 && LayerFolder.Identify(layerFolder) is not LayerFolderKind.Scratch)
        {
            using NtfsTree tree = NtfsTree.Open(layerFolder);
            TreeExporter.Export(tree, tar, path => tree.GetFileId(path, out uint names) is var id && names > 1 ? id : null);
            return;
        }

        string transport = Path.Join(workFolder, $"export-{Guid.NewGuid():N}");
        HalfMade.RemoveAfter(transport, evenIfDone: true, () =>
        {
            ExportTransport(layerFolder, transport, parents);
            TransportExporter.Export(transport, tar);
        });
    }

    /// <summary>Makes a scratch layer; for process isolation it is mounted. After a failure nothing is left of it.</summary>
    /// <param name="folder">The layer's folder: not there yet, or empty.</param>
    /// <param name="parents">The layers below.</param>
    /// <param name="options">How to make it.</param>
    /// <param name="cancellationToken">Stops between calls; what was done is undone.</param>
    public Task<ScratchLayer> CreateScratchAsync(
        string folder, LayerChain parents, ScratchOptions? options = null, CancellationToken cancellationToken = default)
    {
        Need([]);
        options ??= ScratchOptions.Default;
        return ScratchLayer.CreateAsync(
            Engine(options.Method), Path.GetFullPath(folder), HostPath.ToFull(parents), options, cancellationToken);
    }

    /// <summary>A scratch layer that stands already, to mount, unmount, expand or remove it.</summary>
    /// <param name="folder">The layer's folder.</param>
    /// <param name="parents">The layers below; null takes them from the layer's <c>layerchain.json</c>.</param>
    /// <param name="method">How it was made; null takes it from the layer itself, which knows.</param>
    /// <exception cref="HostStateException">The layer does not say how it was made in a way that is understood.</exception>
    public ScratchLayer OpenScratch(string folder, LayerChain? parents = null, ScratchMethod? method = null)
    {
        Need([]);
        string full = Path.GetFullPath(folder);
        LayerChain? below = parents is null ? null : HostPath.ToFull(parents);
        return ScratchLayer.Open(Engine(method ?? ScratchRecord.Read(full).Method), full, below, TimeProvider.System);
    }

    /// <inheritdoc/>
    public UtilityVmBoot LocateUtilityVm(LayerChain chain) => UtilityVmBoot.Locate(chain);

    /// <inheritdoc/>
    public string CreateUtilityVmScratch(LayerChain chain, string vmId, string folder, bool grantLayers = false)
    {
        Need([]);
        UtilityVmBoot boot = UtilityVmBoot.Locate(chain);
        return UtilityVmScratch.Create(_calls, boot, vmId, folder, grantLayers ? [boot.TemplateDisk, .. chain] : []);
    }

    /// <inheritdoc/>
    public void GrantVmAccess(string vmId, params IReadOnlyList<string> paths)
    {
        Need([]);
        UtilityVmScratch.GrantAccess(_calls, vmId, paths);
    }

    async Task<IScratchLayer> IRuntimeStorage.CreateScratchAsync(
        string folder, LayerChain parents, ScratchOptions? options, CancellationToken cancellationToken) =>
        await CreateScratchAsync(folder, parents, options, cancellationToken).ConfigureAwait(false);

    IScratchLayer IRuntimeStorage.OpenScratch(string folder, LayerChain? parents, ScratchMethod? method) =>
        OpenScratch(folder, parents, method);

    private void ImportFolder(ILayerVolume volume, string stagedFolder, LayerPlan plan, IReadOnlyList<ILayerTree> parents)
    {
        // Whoever calls has staged everything: after a failure before this line nothing is imported.
        string layer = volume.Location;
        LayerChain folders = [.. parents.Select(parent => parent.Location)];
        _calls.ImportLayer(layer, stagedFolder, folders);
        plan.Apply(volume, parents);
        volume.Complete();
        folders.WriteFile(layer);
    }

    private void ImportStaged(StagedFiles staged, string layerFolder, LayerChain parents)
    {
        using FileStream? utilityVm = staged.UtilityVmTar is { } tar ? File.OpenRead(tar) : null;
        using ChainTrees trees = new(parents, OpenTree);
        Directory.CreateDirectory(layerFolder);
        using NtfsVolume volume = NtfsVolume.Open(layerFolder);
        if (utilityVm is not null)
            LayerStager.ApplyUtilityVm(utilityVm, volume, trees.All);
        ImportFolder(volume, staged.Folder, StagedPlan.At(staged.Plan, trees.All), trees.All);
        if (volume.Find(LayerRoots.UtilityVmFilesPath) is { IsDirectory: true, IsReparsePoint: false })
            ProcessUtilityVm(Path.Join(volume.Location, LayerRoots.UtilityVm));
    }

    // Switching privileges on again does no harm, and costs nothing beside the calls that need them.
    private static void Need(IReadOnlyList<string> privileges)
    {
        if (!OperatingSystem.IsWindows())
            throw new HostNotSupportedException("the Host Compute Service is part of Windows; on this system use the portable host");
        if (privileges.Count > 0)
            HostPrivileges.Enable(privileges);
    }

    private IScratchEngine Engine(ScratchMethod method) => method switch
    {
        ScratchMethod.Sandbox => new SandboxEngine(_calls),
        ScratchMethod.StorageFilter => new StorageFilterEngine(new NativeDiskCalls(_logger), Environment.OSVersion.Version.Build),
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };
}
