using WinLayers.Formats.Names;

namespace WinLayers.Portable;

/// <summary>The part of an entry that a tree of names needs.</summary>
internal struct LayerIndexOutline
{
    public LayerPath Path;
    public LayerPath? Target;
    public LayerIndexKind Kind;
    public long Size;
    public bool IsReparse;
    public bool HasMetadata;
    public bool IsStoredAside;
}
