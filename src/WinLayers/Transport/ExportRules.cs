using WinLayers.Formats;

namespace WinLayers.Transport;

/// <summary>Rules about a folder that is turned into a tar.</summary>
public static class ExportRules
{
    private const string ExportAgain = "Export the layer again; the folder was changed or is not whole.";

    /// <summary>The list of removals names paths.</summary>
    public static LayerRule Tombstones { get; } =
        new("WCL2390", "export-tombstones", RuleSeverity.Error, "tombstones.txt holds one path a line", ExportAgain);

    /// <summary>Every directory has its marker.</summary>
    public static LayerRule Marker { get; } =
        new("WCL2391", "export-marker", RuleSeverity.Error, "every directory of a transport folder has a .$wcidirs$ file beside it",
        ExportAgain);

    /// <summary>Staged files are framed.</summary>
    public static LayerRule Frame { get; } =
        new("WCL2392", "export-frame", RuleSeverity.Error, "a staged file starts with its attributes and holds a backup stream",
        ExportAgain);

    /// <summary>A layer is exported over the layers that it was made on.</summary>
    public static LayerRule Parents { get; } =
        new("WCL2393", "export-parents", RuleSeverity.Error, "a layer is exported over the layers that it was made on",
        "Name every layer below it, nearest first.");
}
