using WinLayers.Formats.Names;
using WinLayers.Hosts;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Windows;

/// <summary>A layer's folder as Windows makes it. It only looks at names, so it works on any system.</summary>
public sealed class HcsLayerForm : ILayerFolderForm
{
    internal const string HostName = "hcs";

    /// <summary>The only one that is needed: it has no state.</summary>
    public static HcsLayerForm Instance { get; } = new();

    /// <inheritdoc/>
    public string Host => HostName;

    /// <inheritdoc/>
    public IReadOnlySet<string> Names { get; } = new HashSet<string>(
        [.. LayerRoots.All, LayerChain.FileName, LayerFolderNames.BlankDisk, "blank-base.vhdx", "layout", .. BootFiles.SavedNames],
        StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public bool IsCertain(string folder) => LayerFolder.HasMarksOfWindows(folder);
}
