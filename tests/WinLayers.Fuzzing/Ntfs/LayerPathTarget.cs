using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;

namespace WinLayers.Fuzzing.Ntfs;

/// <summary>Names, link targets and recorded paths; the first byte says which.</summary>
internal sealed class LayerPathTarget : FuzzTarget
{
    public override string Name => "layer-path";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        "nFiles/Windows/System32/drivers/etc/hosts"u8.ToArray(), "n./Files//a/./b/"u8.ToArray(), "l/Files/a"u8.ToArray(),
            "vFiles\\a b\\ä"u8.ToArray(),
        "uC"u8.ToArray(), "nFiles/.wh.a"u8.ToArray(), [.. "nFiles/"u8, .. Enumerable.Repeat((byte)'x', 255)],
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "..", "../", "/..", "./", "/.", "/", "//", "\\", "\\\\", "\\\\?\\", "\\\\.\\", "\\??\\", "C:", "C:/", ":", ":$DATA", "::$DATA",
                "Files", "Hives", "UtilityVM",
            "CON", "NUL", ".wh.", ".wh..wh..opq", " ", ".", "\0", "\u0001", "\u007f", "ß", "ſ", "İ", "😀", "\u202e", "%2e%2e", "..\u2215",
                "\uff0e\uff0e",
        }.Select(Encoding.UTF8.GetBytes),
        [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xFF],
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        string text = Encoding.UTF8.GetString(input[1..]);
        LayerPath path = input[0] switch
        {
            (byte)'l' => LayerPath.ParseLinkTarget(text),
            (byte)'v' => LayerPath.FromValue(text),
            (byte)'u' => LayerPath.FromUser(text),
            // Halves of surrogate pairs cannot come from UTF-8; from UTF-16 they can.
            (byte)'x' => LayerPath.Parse(Encoding.Unicode.GetString(input[1..])),
            _ => LayerPath.Parse(text),
        };
        Check(path);
    }

    private static void Check(LayerPath path)
    {
        const string root = "/r/o/o/t";
        Require(path.Value.Length <= LayerPath.MaxPath, "a path keeps to its limit");
        string full = Path.GetFullPath(Path.Combine(root, path.ToTarName()));
        Require(path.IsRoot ? full.TrimEnd('/') == root : full == $"{root}/{path.ToTarName()}",
            "a path stays below the root, and is the one it seems");
        foreach (Range range in path.Components)
        {
            ReadOnlySpan<char> component = path.Value.AsSpan(range);
            Require(component is not ("" or "." or "..") && component.Length <= LayerPath.MaxComponent, "a component is a name");
            Require(component.IndexOfAny(":/\\\0") < 0, "a component holds no separator, stream or NUL");
        }

        Require(LayerPath.FromValue(path.Value).Value == path.Value && LayerPath.Parse(path.ToTarName()).Value == path.Value,
            "a path of its own text is itself");
        Require(path.IsRoot || (path.IsBelow(path.Parent) && path.Parent.CompareTo(path) < 0),
            "a path is below its parent and sorts after it");
        Require(path.IsRoot || path.Parent.Child(path.Name.ToString()).Value == path.Value, "a path is a child of its parent");
        LayerPath upper = LayerPath.FromValue(string.Create(path.Value.Length, path.Value, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
                to[i] = NtfsNames.Upcase(from[i]);
        }));
        Require(upper == path && upper.GetHashCode() == path.GetHashCode() && upper.Area == path.Area, "letter case makes no difference");
    }
}
