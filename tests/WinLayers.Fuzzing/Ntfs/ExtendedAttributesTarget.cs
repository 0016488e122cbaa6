using WinLayers.Formats;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Lists of extended attributes.</summary>
internal sealed class ExtendedAttributesTarget : FuzzTarget
{
    public override string Name => "eas";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray())]).List.ToArray(),
        ExtendedAttributes.FromItems([new("A", default, 0x80), new("LONGER", new byte[37]), new("Z", new byte[300])]).List.ToArray(),
        ExtendedAttributes.FromItems([new("$KERNEL.PURGE.ESBCACHE", new byte[40])]).List.ToArray(),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        ExtendedAttributes read = ExtendedAttributes.FromList(input);
        Require(read.List.Span.SequenceEqual(input), "the list is kept as it is");
        Require(read.Items.Count > 0, "a list has an item");
        if (input.Length + 3 > LayerLimits.Default.ExtendedAttributeBytes)
            return;
        ExtendedAttributes made = ExtendedAttributes.FromItems(read.Items);
        Require(made.Items.SequenceEqual(read.Items.OrderBy(item => item.Name, StringComparer.Ordinal)),
            "what is made holds the same items, sorted");
    }
}
