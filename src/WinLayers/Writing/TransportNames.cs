namespace WinLayers.Writing;

/// <summary>Names with a meaning of their own in a transport folder.</summary>
internal static class TransportNames
{
    /// <summary>Ends the name of the file that holds a directory's metadata, beside it.</summary>
    internal const string MarkerSuffix = ".$wcidirs$";

    /// <summary>The removals, as Windows writes them on export.</summary>
    internal const string Tombstones = "tombstones.txt";
}
