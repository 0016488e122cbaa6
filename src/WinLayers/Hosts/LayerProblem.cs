namespace WinLayers.Hosts;

/// <summary>How what is on the disk differs from what the layer says.</summary>
public enum LayerProblemKind
{
    /// <summary>The index or a record cannot be read.</summary>
    Damaged,

    /// <summary>Something is not there.</summary>
    Missing,

    /// <summary>Something is there that the layer does not know.</summary>
    Extra,

    /// <summary>A file where a directory should be, a link to elsewhere, or the like.</summary>
    WrongKind,

    /// <summary>Other bytes.</summary>
    Changed,

    /// <summary>Two names that should be one file are two, or not the file they should be.</summary>
    LinkBroken,
}

/// <summary>Something in a layer's folder that is not as the layer says.</summary>
/// <param name="Layer">The layer's folder.</param>
/// <param name="Path">The path inside the layer, or a name beside its roots.</param>
/// <param name="Kind">How it differs.</param>
/// <param name="Detail">What was found.</param>
public sealed record LayerProblem(string Layer, string Path, LayerProblemKind Kind, string Detail);
