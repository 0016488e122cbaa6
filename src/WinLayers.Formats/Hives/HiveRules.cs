namespace WinLayers.Formats.Hives;

/// <summary>Rules about registry hives.</summary>
public static class HiveRules
{
    private const string TakeItAgain = "Take the hive from its source again; it is damaged, or the layer was tampered with.";

    /// <summary>A hive starts with a base block.</summary>
    public static LayerRule BaseBlock { get; } =
        new("WCL2240", "hive-base-block", RuleSeverity.Error, "a hive starts with a base block of a known version", TakeItAgain);

    /// <summary>A cell lies inside the bins and holds what its owner says.</summary>
    public static LayerRule Cell { get; } =
        new("WCL2241", "hive-cell", RuleSeverity.Error, "a hive's cells lie inside its bins and hold what refers to them expects",
            TakeItAgain);

    /// <summary>Keys are a tree.</summary>
    public static LayerRule Tree { get; } =
        new("WCL2242", "hive-tree", RuleSeverity.Error, "a hive's keys are a tree of at most 512 levels", TakeItAgain);
}
