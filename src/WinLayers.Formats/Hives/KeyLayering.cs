namespace WinLayers.Formats.Hives;

/// <summary>How a key of a layered hive lies over the same key below.</summary>
public enum KeyLayering
{
    /// <summary>Both are one: what is here wins, what is below stays.</summary>
    Merge,

    /// <summary>The key is removed, with all below it.</summary>
    Tombstone,

    /// <summary>The values below are hidden, the subkeys below stay.</summary>
    SupersedeLocal,

    /// <summary>All below is hidden: values and subkeys.</summary>
    SupersedeTree,
}
