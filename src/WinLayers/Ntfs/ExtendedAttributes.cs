namespace WinLayers.Ntfs;

/// <summary>Extended attributes of a file, kept as their FILE_FULL_EA_INFORMATION list.</summary>
public sealed class ExtendedAttributes
{
    private readonly byte[] _list;

    private ExtendedAttributes(byte[] list) => _list = list;

    /// <summary>The whole FILE_FULL_EA_INFORMATION list.</summary>
    public ReadOnlyMemory<byte> List => _list;

    /// <summary>Takes a whole FILE_FULL_EA_INFORMATION list.</summary>
    public static ExtendedAttributes FromList(ReadOnlySpan<byte> list) => new(list.ToArray());
}
