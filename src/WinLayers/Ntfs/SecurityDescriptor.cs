namespace WinLayers.Ntfs;

/// <summary>A self-relative security descriptor, kept as its bytes.</summary>
public sealed class SecurityDescriptor
{
    private readonly byte[] _bytes;

    private SecurityDescriptor(byte[] bytes) => _bytes = bytes;

    /// <summary>The self-relative form.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Takes a self-relative descriptor as it is.</summary>
    public static SecurityDescriptor FromBytes(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());
}
