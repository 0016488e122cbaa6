using WinLayers.Formats.Ntfs.Security;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Self-relative security descriptors.</summary>
internal sealed class SecurityDescriptorTarget : FuzzTarget
{
    public override string Name => "security-descriptor";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)", "O:SYS:(AU;SAFA;WD;;;WD)(ML;;NW;;;ME)", "D:", "D:NO_ACCESS_CONTROL",
            "D:(OA;CI;RP;00112233-4455-6677-8899-aabbccddeeff;;AU)(OD;;WP;;00112233-4455-6677-8899-aabbccddeeff;WD)",
        }.Select(text => SecurityDescriptor.FromSddl(text).Bytes.ToArray()),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        SecurityDescriptor read = SecurityDescriptor.FromBytes(input);
        Require(read.Bytes.Span.SequenceEqual(input), "the descriptor is kept as it is");
        Require(read.ToSddl() is not { } text || SecurityDescriptor.FromSddl(text).ToSddl() == text, "what is said can be read");
    }
}
