using WinLayers.Formats.Ntfs;

namespace WinLayers.Transport;

/// <summary>Metadata as an export has it.</summary>
internal static class ExportedMetadata
{
    /// <summary>
    /// Extended attributes come in whatever order the file system keeps them; by name they are the same bytes every time, and the plain
    /// records of the
    /// reference can say them.
    /// </summary>
    internal static FileMetadata Of(FileMetadata metadata) => metadata.ExtendedAttributes is { } attributes
        ? metadata with { ExtendedAttributes = ExtendedAttributes.FromItems(attributes.Items) }
        : metadata;
}
