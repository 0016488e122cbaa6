using WinLayers.Formats;

namespace WinLayers.Portable;

/// <summary>A portable layer's <c>layer.jsonl</c> is missing, damaged or of another format.</summary>
public sealed class LayerIndexException : WinLayersException
{
    internal LayerIndexException(string file, string problem, Exception? innerException = null)
        : base("WCL5030", $"the index '{file}' {problem}", innerException)
    {
        File = file;
        Remedy = "Repair the layer, or unpack it again.";
    }

    /// <summary>The index file.</summary>
    public string File { get; }
}
