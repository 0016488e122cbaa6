using System.Text;
using WinLayers.Formats.Ntfs;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Reparse buffers; and, since both are short, link targets.</summary>
internal sealed class ReparseTarget : FuzzTarget
{
    public override string Name => "reparse";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        ReparsePoint.FromTarget("C:\\Windows\\notepad.exe", isMountPoint: false).Buffer.ToArray(),
        ReparsePoint.FromTarget("..\\x", isMountPoint: false).Buffer.ToArray(),
        ReparsePoint.FromTarget("\\??\\C:\\Windows", isMountPoint: true).Buffer.ToArray(),
        Convert.FromHexString("170000800400000001020304"),
        Convert.FromHexString("341200000200000000112233445566778899AABBCCDDEEFF0102"),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        Convert.FromHexString("0C0000A0"), Convert.FromHexString("030000A0"), Convert.FromHexString("170000A0"),
        Encoding.Unicode.GetBytes("\\??\\"), Encoding.Unicode.GetBytes("\\\\?\\"), Encoding.Unicode.GetBytes("C:\\"), [0, 0],
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        ReparsePoint read = ReparsePoint.FromBuffer(input);
        Require(read.Buffer.Span.SequenceEqual(input), "the buffer is kept as it is");
        Require(read.ToString().Length > 0 && read.SubstituteName.Length <= input.Length, "names lie inside the buffer");
        if (read.PrintName.Length == 0 || read.PrintName.Contains('\0', StringComparison.Ordinal) || read.PrintName.Length > 4000)
            return;
        ReparsePoint made = ReparsePoint.FromTarget(read.PrintName, read.IsMountPoint);
        Require(made.PrintName == read.PrintName.Replace('/', '\\'), "a target keeps its name");
        Require(ReparsePoint.FromBuffer(made.Buffer.Span).Equals(made), "what is made is read");
    }
}
