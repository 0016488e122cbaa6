using System.Text;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;

namespace WinLayers.Fuzzing.Tar;

/// <summary>PAX times.</summary>
internal sealed class PaxTimeTarget : FuzzTarget
{
    public override string Name => "pax-time";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. ((string[])["0", "1700000000.1234567", "-1.5", "-11644473600", "910692730085.4775807", "0.0000000009"])
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. ((string[])["-", "+", ".", "9999999999", "0000000000", "e"]).Select(Encoding.ASCII.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (!PaxTime.TryParse(input, out FileTime time))
            throw new FormatException("no time");
        Require(time.Ticks >= 0, "a time is one that NTFS has");
        Span<byte> text = stackalloc byte[PaxTime.MaxText];
        text = text[..PaxTime.Format(time, text)];
        Require(PaxTime.TryParse(text, out FileTime again) && again == time, "a time that is written reads back");
    }
}
