using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;

namespace WinLayers.Windows;

/// <summary>
/// The calls of computestorage.dll, one method each and nothing added: for runtimes that go their own way. Windows 10 1809 and Server 2019
/// have them; what came later says so. The chain becomes the document that the calls take. Safe for several threads.
/// </summary>
/// <remarks>
/// Every method throws <see cref="HostCallException"/> where Windows refuses, and <see cref="HostNotSupportedException"/> where this
/// Windows lacks the library or the function.
/// </remarks>
/// <param name="logger">Told of each call, at debug level.</param>
[SupportedOSPlatform("windows")]
public sealed class StorageCalls(ILogger<StorageCalls>? logger = null)
{
    private const string Writable = """{"IsWritableLayer":true}""";

    private readonly CallLog _log = new(logger ?? NullLogger<StorageCalls>.Instance);

    /// <summary>Makes a layer of a transport folder.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="transportFolder">The transport folder.</param>
    /// <param name="parents">The layers below.</param>
    public void ImportLayer(string layer, string transportFolder, LayerChain parents) =>
        _log.Run("HcsImportLayer", layer, () => ComputeStorage.ImportLayer(layer, transportFolder, LayerData.Of(parents)));

    /// <summary>Writes a layer as a transport folder.</summary>
    /// <param name="layer">The layer's folder; of a writable one the root of its mounted volume, without the filter.</param>
    /// <param name="transportFolder">An empty folder.</param>
    /// <param name="parents">The layers below.</param>
    /// <param name="isWritable">Whether it is a writable layer.</param>
    public void ExportLayer(string layer, string transportFolder, LayerChain parents, bool isWritable) =>
        _log.Run("HcsExportLayer", layer,
            () => ComputeStorage.ExportLayer(layer, transportFolder, LayerData.Of(parents), isWritable ? Writable : "{}"));

    /// <summary>Removes a layer with its folder, whatever is in it.</summary>
    /// <param name="layer">The layer's folder.</param>
    public void DestroyLayer(string layer) => _log.Run("HcsDestroyLayer", layer, () => ComputeStorage.DestroyLayer(layer));

    /// <summary>Puts the layers below under a writable layer, so that its volume shows all of them.</summary>
    /// <param name="volume">The root of its mounted volume.</param>
    /// <param name="parents">The layers below.</param>
    public void AttachLayerStorageFilter(string volume, LayerChain parents) =>
        _log.Run("HcsAttachLayerStorageFilter", volume, () => ComputeStorage.AttachLayerStorageFilter(volume, LayerData.Of(parents)));

    /// <summary>Takes back <see cref="AttachLayerStorageFilter"/>.</summary>
    /// <param name="volume">The root of its mounted volume.</param>
    public void DetachLayerStorageFilter(string volume) =>
        _log.Run("HcsDetachLayerStorageFilter", volume, () => ComputeStorage.DetachLayerStorageFilter(volume));

    /// <summary>Readies a formatted, empty volume as a writable layer: once, since it undoes what was written.</summary>
    /// <param name="volume">The root of its mounted volume.</param>
    /// <param name="parents">The layers below.</param>
    /// <param name="options">A document of options; Windows knows none so far.</param>
    public void InitializeWritableLayer(string volume, LayerChain parents, string options = "") =>
        _log.Run("HcsInitializeWritableLayer", volume,
            () => ComputeStorage.InitializeWritableLayer(volume, LayerData.Of(parents), options));

    /// <summary>Partitions and formats the disk of a writable layer.</summary>
    /// <param name="disk">
    /// A handle of <see cref="DiskCalls"/>; before build 18362 one of the device that the attached disk is. It stays the caller's.
    /// </param>
    public void FormatWritableLayerVhd(SafeHandle disk) =>
        _log.Run("HcsFormatWritableLayerVhd", subject: null, () => ComputeStorage.FormatWritableLayerVhd(disk, file: null));

    /// <summary>Makes a base layer of its extracted <c>Files</c>.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="disk">For a virtual machine its attached disk; for containers null.</param>
    /// <param name="options">What for, and how.</param>
    public void SetupBaseOSLayer(string layer, SafeHandle? disk, BaseOSOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using SafeFileHandle none = new(0, ownsHandle: false);
        _log.Run("HcsSetupBaseOSLayer", layer, () => ComputeStorage.SetupBaseOSLayer(layer, disk ?? none, options.ToJson()));
    }

    /// <summary>Makes a base layer on a volume of its own. Not on builds before 19645.</summary>
    /// <param name="layer">The layer's folder.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="options">What for, and how.</param>
    public void SetupBaseOSVolume(string layer, string volume, BaseOSOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _log.Run("HcsSetupBaseOSVolume", layer, () => ComputeStorage.SetupBaseOSVolume(layer, volume, options.ToJson()));
    }

    /// <summary>The path of an attached disk's volume, <c>\\?\Volume{…}</c>.</summary>
    /// <param name="disk">A handle of <see cref="DiskCalls"/>; it stays the caller's.</param>
    public string GetLayerVhdMountPath(SafeHandle disk) =>
        _log.Run("HcsGetLayerVhdMountPath", subject: null, () => ComputeStorage.GetLayerVhdMountPath(disk, file: null));
}
