using WinLayers.Formats;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Linting;

/// <summary>
/// Lints an image's layers one after the other, base first, each over those before it, so that links into layers below and whiteouts
/// are really looked up. One pass over each tar; memory is the names of all layers. Not safe for several threads.
/// </summary>
/// <param name="limits">What a layer may cost.</param>
public sealed class ImageLinter(LayerLimits? limits = null)
{
    private readonly List<ILayerTree> _below = [];

    /// <summary>
    /// Reads the next layer's tar and tells what is wrong with it; see <see cref="LayerLinter.Lint"/>. Enumerate to the end before the
    /// next.
    /// </summary>
    /// <param name="name">How people call the layer.</param>
    /// <param name="tar">The uncompressed tar, read to its end.</param>
    public IEnumerable<LayerFinding> LintNext(string name, Stream tar)
    {
        ArgumentNullException.ThrowIfNull(tar);
        return LayerLinter.LintEntries(tar, [.. _below], limits, names => _below.Insert(0, new NamesTree(name, names)));
    }
}
