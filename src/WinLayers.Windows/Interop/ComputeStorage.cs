using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace WinLayers.Windows.Interop;

/// <summary>The layer calls of computestorage.dll, on Windows since 1809; the overlay and volume calls came later.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class ComputeStorage
{
    private const string Library = "computestorage.dll";

    internal static void ImportLayer(string layer, string source, string layerData) =>
        HostCall.Run(Library, "HcsImportLayer", layer,
            () => HcsImportLayerRaw(HostPath.ToPlain(layer), HostPath.ToPlain(source), layerData));

    internal static void ExportLayer(string layer, string folder, string layerData, string options) =>
        HostCall.Run(Library, "HcsExportLayer", layer,
            () => HcsExportLayerRaw(HostPath.ToPlain(layer), HostPath.ToPlain(folder), layerData, options));

    internal static void DestroyLayer(string layer) =>
        HostCall.Run(Library, "HcsDestroyLayer", layer, () => HcsDestroyLayerRaw(HostPath.ToPlain(layer)));

    internal static void SetupBaseOSLayer(string layer, SafeHandle disk, string options) =>
        HostCall.Run(Library, "HcsSetupBaseOSLayer", layer, () => HcsSetupBaseOSLayerRaw(HostPath.ToPlain(layer), disk, options));

    internal static void SetupBaseOSVolume(string layer, string volume, string options) =>
        HostCall.Run(Library, "HcsSetupBaseOSVolume", layer, () => HcsSetupBaseOSVolumeRaw(HostPath.ToPlain(layer), volume, options));

    internal static void InitializeWritableLayer(string layer, string layerData, string options) =>
        HostCall.Run(Library, "HcsInitializeWritableLayer", layer,
            () => HcsInitializeWritableLayerRaw(HostPath.ToPlain(layer), layerData, options));

    internal static void AttachLayerStorageFilter(string layer, string layerData) =>
        HostCall.Run(Library, "HcsAttachLayerStorageFilter", layer,
            () => HcsAttachLayerStorageFilterRaw(HostPath.ToPlain(layer), layerData));

    internal static void DetachLayerStorageFilter(string layer) =>
        HostCall.Run(Library, "HcsDetachLayerStorageFilter", layer, () => HcsDetachLayerStorageFilterRaw(HostPath.ToPlain(layer)));

    internal static void AttachOverlayFilter(string volume, string layerData) =>
        HostCall.Run(Library, "HcsAttachOverlayFilter", volume, () => HcsAttachOverlayFilterRaw(volume, layerData));

    internal static void DetachOverlayFilter(string volume, string layerData) =>
        HostCall.Run(Library, "HcsDetachOverlayFilter", volume, () => HcsDetachOverlayFilterRaw(volume, layerData));

    internal static void FormatWritableLayerVhd(SafeHandle disk, string? file) =>
        HostCall.Run(Library, "HcsFormatWritableLayerVhd", file, () => HcsFormatWritableLayerVhdRaw(disk));

    /// <summary>The volume path of an attached disk.</summary>
    internal static string GetLayerVhdMountPath(SafeHandle disk, string? file)
    {
        nint text = 0;
        HostCall.Run(Library, "HcsGetLayerVhdMountPath", file, () => HcsGetLayerVhdMountPathRaw(disk, out text));
        try
        {
            return new string((char*)text);
        }
        finally
        {
            Kernel32.LocalFree(text);
        }
    }

    [LibraryImport(Library, EntryPoint = "HcsImportLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsImportLayerRaw(string layer, string source, string layerData);

    [LibraryImport(Library, EntryPoint = "HcsExportLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsExportLayerRaw(string layer, string folder, string layerData, string options);

    [LibraryImport(Library, EntryPoint = "HcsDestroyLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsDestroyLayerRaw(string layer);

    [LibraryImport(Library, EntryPoint = "HcsSetupBaseOSLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsSetupBaseOSLayerRaw(string layer, SafeHandle disk, string options);

    [LibraryImport(Library, EntryPoint = "HcsSetupBaseOSVolume", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsSetupBaseOSVolumeRaw(string layer, string volume, string options);

    [LibraryImport(Library, EntryPoint = "HcsInitializeWritableLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsInitializeWritableLayerRaw(string layer, string layerData, string options);

    [LibraryImport(Library, EntryPoint = "HcsAttachLayerStorageFilter", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsAttachLayerStorageFilterRaw(string layer, string layerData);

    [LibraryImport(Library, EntryPoint = "HcsDetachLayerStorageFilter", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsDetachLayerStorageFilterRaw(string layer);

    [LibraryImport(Library, EntryPoint = "HcsAttachOverlayFilter", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsAttachOverlayFilterRaw(string volume, string layerData);

    [LibraryImport(Library, EntryPoint = "HcsDetachOverlayFilter", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsDetachOverlayFilterRaw(string volume, string layerData);

    [LibraryImport(Library, EntryPoint = "HcsFormatWritableLayerVhd")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsFormatWritableLayerVhdRaw(SafeHandle disk);

    [LibraryImport(Library, EntryPoint = "HcsGetLayerVhdMountPath")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int HcsGetLayerVhdMountPathRaw(SafeHandle disk, out nint path);
}
