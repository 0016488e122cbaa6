using WinLayers.Formats;

namespace WinLayers.Portable;

/// <summary>A file of a layer is not what was unpacked: the disk, or somebody else, changed it since.</summary>
public sealed class DamagedFileException : WinLayersException
{
    internal DamagedFileException(string file, string problem)
        : base("WCL5031", $"the layer's file '{file}' is not what was unpacked: {problem}")
    {
        File = file;
        Remedy = "Repair the layer.";
    }

    /// <summary>The file.</summary>
    public string File { get; }
}
