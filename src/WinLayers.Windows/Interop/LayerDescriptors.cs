using System.Runtime.InteropServices;

namespace WinLayers.Windows.Interop;

/// <summary>The descriptors of a chain in native memory, nearest parent first.</summary>
internal sealed unsafe class LayerDescriptors : SafeHandle
{
    internal LayerDescriptors(IReadOnlyList<(Guid Id, string Path)> layers)
        : base(0, ownsHandle: true)
    {
        Count = (uint)layers.Count;
        if (Count == 0)
            return;
        var array = (LayerDescriptor*)NativeMemory.AllocZeroed(Count, (nuint)sizeof(LayerDescriptor));
        SetHandle((nint)array);
        for (int i = 0; i < layers.Count; i++)
            array[i] = new LayerDescriptor { Id = layers[i].Id, Path = (char*)Marshal.StringToCoTaskMemUni(layers[i].Path) };
    }

    internal uint Count { get; }

    public override bool IsInvalid => handle == 0 && Count > 0;

    /// <summary>The array; null for no layers. Alive as long as this object is held.</summary>
    internal LayerDescriptor* Pointer => (LayerDescriptor*)handle;

    protected override bool ReleaseHandle()
    {
        var array = (LayerDescriptor*)handle;
        for (uint i = 0; i < Count && array != null; i++)
            Marshal.FreeCoTaskMem((nint)array[i].Path);
        NativeMemory.Free(array);
        return true;
    }
}
