using WinLayers.Formats;
using WinLayers.Formats.Names;

namespace WinLayers.Views;

/// <summary>A view of layers has nothing at a path.</summary>
public sealed class EntryNotFoundException : WinLayersException
{
    internal EntryNotFoundException(LayerPath path, string problem)
        : base("WCL1904", problem) => Path = path;

    /// <summary>The path.</summary>
    public LayerPath Path { get; }
}
