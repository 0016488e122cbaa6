namespace WinLayers.Formats.Ntfs.Security;

/// <summary>A self-relative security descriptor, kept as its bytes. Equal when the bytes are.</summary>
public sealed class SecurityDescriptor : IEquatable<SecurityDescriptor>
{
    private readonly byte[] _bytes;

    private SecurityDescriptor(byte[] bytes) => _bytes = bytes;

    /// <summary>The self-relative form.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Takes a self-relative descriptor as it is, after checking that every part lies inside it and is whole.</summary>
    /// <remarks>
    /// What is unusual but legal passes: parts in any order or overlapping, gaps, access control entries of unknown types.
    /// </remarks>
    /// <param name="bytes">The descriptor.</param>
    /// <param name="limits">The limits to keep to; the defaults where null.</param>
    /// <exception cref="LayerRefusedException">The descriptor is malformed or too large.</exception>
    public static SecurityDescriptor FromBytes(ReadOnlySpan<byte> bytes, LayerLimits? limits = null)
    {
        int longest = (limits ?? LayerLimits.Default).SecurityDescriptorBytes;
        if (bytes.Length > longest)
        {
            throw new LayerRefusedException(
                SecurityRules.DescriptorSize, $"the security descriptor takes {bytes.Length} bytes, {longest} are allowed");
        }

        SecurityDescriptorLayout.Check(bytes);
        return new SecurityDescriptor(bytes.ToArray());
    }

    /// <summary>Makes the descriptor that SDDL text describes, the same on every system.</summary>
    /// <param name="sddl">The text, such as <c>O:BAG:SYD:P(A;;FA;;;SY)</c>.</param>
    /// <param name="limits">The limits to keep to; the defaults where null.</param>
    /// <exception cref="LayerRefusedException">The text breaks its grammar, or needs a domain or a machine to mean something.</exception>
    public static SecurityDescriptor FromSddl(string sddl, LayerLimits? limits = null) => FromBytes(SddlReader.Read(sddl), limits);

    /// <summary>
    /// The descriptor as SDDL text for people and for <see cref="FromSddl"/>; null where it holds an entry that the text could not
    /// say in full: a condition, a resource attribute, an unknown type.
    /// </summary>
    public string? ToSddl() => SddlWriter.Write(_bytes);

    /// <summary>Whether both are the same, byte for byte.</summary>
    public bool Equals(SecurityDescriptor? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecurityDescriptor);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }
}
