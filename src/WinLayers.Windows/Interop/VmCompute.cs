using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using WinLayers.Volumes;
using WinLayers.Windows.Errors;

namespace WinLayers.Windows.Interop;

/// <summary>
/// The layer calls of vmcompute.dll. Folders are absolute; each call gets the form of path that it gets from other programs, as the table
/// in docs/windows.md has it.
/// </summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class VmCompute
{
    private const string Library = "vmcompute.dll";

    // Windows runs into time-outs where layers are prepared at the same time.
    private static readonly Lock Preparing = new();

    internal static void ActivateLayer(string layer) =>
        HostCall.Run(Library, "ActivateLayer", layer, () => ActivateLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer)));

    internal static void DeactivateLayer(string layer) =>
        HostCall.Run(Library, "DeactivateLayer", layer, () => DeactivateLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer)));

    internal static void UnprepareLayer(string layer) =>
        HostCall.Run(Library, "UnprepareLayer", layer, () => UnprepareLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer)));

    internal static void DestroyLayer(string layer) =>
        HostCall.Run(Library, "DestroyLayer", layer, () => DestroyLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer)));

    /// <summary>One at a time in this process.</summary>
    internal static void PrepareLayer(string layer, LayerChain parents) =>
        WithParents("PrepareLayer", layer, parents, descriptors =>
        {
            lock (Preparing)
                return PrepareLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer), descriptors.Pointer, descriptors.Count);
        });

    internal static void CreateSandboxLayer(string layer, LayerChain parents) =>
        WithParents("CreateSandboxLayer", layer, parents, descriptors =>
            CreateSandboxLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer), 0, descriptors.Pointer, descriptors.Count));

    internal static void ImportLayer(string layer, string stagingFolder, LayerChain parents) =>
        WithParents("ImportLayer", layer, parents, descriptors =>
            ImportLayerRaw(DriverInfo.FilterDriver, HostPath.ToLong(layer), HostPath.ToPlain(stagingFolder), descriptors.Pointer,
                descriptors.Count));

    internal static void ExportLayer(string layer, string folder, LayerChain parents) =>
        WithParents("ExportLayer", layer, parents, descriptors =>
            ExportLayerRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer), HostPath.ToPlain(folder), descriptors.Pointer,
                descriptors.Count));

    internal static void ExpandSandboxSize(string layer, ulong bytes) =>
        HostCall.Run(Library, "ExpandSandboxSize", layer,
            () => ExpandSandboxSizeRaw(DriverInfo.FilterDriver, HostPath.ToPlain(layer), bytes));

    /// <summary>The volume path of a prepared layer; null where it is not mounted.</summary>
    internal static string? GetLayerMountPath(string layer)
    {
        string native = HostPath.ToPlain(layer);
        nuint length = 0;
        HostCall.Run(Library, "GetLayerMountPath", layer, () => GetLayerMountPathRaw(DriverInfo.FilterDriver, native, ref length, null));
        if (length <= 1)
            return null;
        char[] buffer = new char[checked((int)length)];
        fixed (char* pointer = buffer)
        {
            // A lambda cannot see a fixed local; the buffer stays pinned for as long as the call runs.
            nint pinned = (nint)pointer;
            HostCall.Run(Library, "GetLayerMountPath", layer,
                () => GetLayerMountPathRaw(DriverInfo.FilterDriver, native, ref length, (char*)pinned));
        }

        ReadOnlySpan<char> text = buffer;
        int end = text.IndexOf('\0');
        text = end < 0 ? text : text[..end];
        return text.IsEmpty ? null : text.ToString();
    }

    internal static Guid NameToGuid(string name)
    {
        Guid id = default;
        HostCall.Run(Library, "NameToGuid", name, () => NameToGuidRaw(name, out id));
        return id;
    }

    internal static void ProcessBaseImage(string layer) =>
        HostCall.Run(Library, "ProcessBaseImage", layer, () => ProcessBaseImageRaw(HostPath.ToLong(layer)));

    internal static void ProcessUtilityImage(string utilityVmFolder) =>
        HostCall.Run(Library, "ProcessUtilityImage", utilityVmFolder, () => ProcessUtilityImageRaw(HostPath.ToLong(utilityVmFolder)));

    internal static void GrantVmAccess(string vmId, string file)
    {
        string id = MachineId.Normalize(vmId);
        int result = HostCall.Invoke(Library, "GrantVmAccess", () => GrantVmAccessRaw(id, HostPath.ToPlain(file)));
        if (result < 0)
            throw new HostCallException("GrantVmAccess", result, file) { VmId = id };
    }

    private static void WithParents(string call, string layer, LayerChain parents, Func<LayerDescriptors, int> native)
    {
        var layers = new (Guid Id, string Path)[parents.Count];
        for (int i = 0; i < parents.Count; i++)
            layers[i] = (NameToGuid(HostPath.LastPart(parents[i])), HostPath.ToPlain(parents[i]));
        using var descriptors = new LayerDescriptors(layers);
        HostCall.Run(Library, call, layer, parents, () => native(descriptors));
    }

    [LibraryImport(Library, EntryPoint = "ActivateLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ActivateLayerRaw(in DriverInfo info, string layer);

    [LibraryImport(Library, EntryPoint = "DeactivateLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DeactivateLayerRaw(in DriverInfo info, string layer);

    [LibraryImport(Library, EntryPoint = "UnprepareLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int UnprepareLayerRaw(in DriverInfo info, string layer);

    [LibraryImport(Library, EntryPoint = "DestroyLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DestroyLayerRaw(in DriverInfo info, string layer);

    [LibraryImport(Library, EntryPoint = "PrepareLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int PrepareLayerRaw(in DriverInfo info, string layer, LayerDescriptor* parents, uint count);

    [LibraryImport(Library, EntryPoint = "CreateSandboxLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CreateSandboxLayerRaw(in DriverInfo info, string layer, nuint parent, LayerDescriptor* parents, uint count);

    [LibraryImport(Library, EntryPoint = "ImportLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ImportLayerRaw(in DriverInfo info, string layer, string folder, LayerDescriptor* parents, uint count);

    [LibraryImport(Library, EntryPoint = "ExportLayer", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ExportLayerRaw(in DriverInfo info, string layer, string folder, LayerDescriptor* parents, uint count);

    [LibraryImport(Library, EntryPoint = "ExpandSandboxSize", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ExpandSandboxSizeRaw(in DriverInfo info, string layer, ulong bytes);

    [LibraryImport(Library, EntryPoint = "GetLayerMountPath", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetLayerMountPathRaw(in DriverInfo info, string layer, ref nuint length, char* buffer);

    [LibraryImport(Library, EntryPoint = "NameToGuid", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int NameToGuidRaw(string name, out Guid id);

    [LibraryImport(Library, EntryPoint = "ProcessBaseImage", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ProcessBaseImageRaw(string layer);

    [LibraryImport(Library, EntryPoint = "ProcessUtilityImage", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ProcessUtilityImageRaw(string utilityVmFolder);

    [LibraryImport(Library, EntryPoint = "GrantVmAccess", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GrantVmAccessRaw(string vmId, string file);
}
