using WinLayers.Formats;

namespace WinLayers.Volumes;

/// <summary>A layer's <c>layerchain.json</c> does not name the folders of its parents.</summary>
public sealed class LayerChainException : WinLayersException
{
    internal LayerChainException(string file, string problem, Exception? innerException = null)
        : base("WCL2347", $"'{file}' {problem}", innerException)
    {
        File = file;
        Problem = problem;
        Remedy = "Unpack the layer again.";
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>What is wrong with it, for messages that name it themselves.</summary>
    internal string Problem { get; }
}
