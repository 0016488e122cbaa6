namespace WinLayers.Storage;

/// <summary>How much is in a layer, counted while it was made.</summary>
/// <param name="Entries">Entries of its tar.</param>
/// <param name="Files">Files among them; hard links are further names and do not count.</param>
/// <param name="ContentBytes">Bytes of the files' data, alternate streams left out.</param>
/// <param name="TarBytes">Bytes of its tar.</param>
/// <param name="BlobBytes">Bytes of its blob.</param>
public sealed record LayerCounts(long Entries, long Files, long ContentBytes, long TarBytes, long BlobBytes);
