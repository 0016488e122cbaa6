using System.Text;
using WinLayers.Volumes;

namespace WinLayers.Fuzzing.Layers;

/// <summary>The <c>layerchain.json</c> in a layer's folder.</summary>
internal sealed class ChainFileTarget : FuzzTarget
{
    private static readonly string Folder = ScratchFolder.Make("layer-chain");

    public override string Name => "layer-chain";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "[\"/layers/a\",\"/layers/b\"]", "null", "[]" }.Select(Encoding.UTF8.GetBytes)];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "null", ",", "\"/", "\"C:\\\\", "\\u0000", "\\ud800", "[", "{}" }.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(Path.Combine(Folder, LayerChain.FileName), input);
        LayerChain parents = LayerChain.ReadFile(Folder)!;
        foreach (string parent in parents)
        {
            Require(Path.IsPathFullyQualified(parent), "a parent's path is absolute");
            // Whoever follows the chain asks the disk.
            Directory.Exists(Path.GetFullPath(parent));
        }
    }
}
