using WinLayers.Formats.Hives;
using WinLayers.Testing.Hives;

namespace WinLayers.Fuzzing.Hives;

/// <summary>Registry hives: every key, value, class and descriptor, then the same hive laid over itself.</summary>
internal sealed class HiveTarget : FuzzTarget
{
    private static readonly KeySpec A = new("a", Child("b", 3), Child("c", 1))
    {
        List = "ri",
        Class = "class",
        LayerBits = 0x80,
        Values = [ValueSpec.Number("n", 1), ValueSpec.Text("t", "text"), ValueSpec.Tombstone("gone")],
    };

    private static readonly KeySpec Tree = new("R", A, Child("d", 2)) { List = "lf" };

    public override string Name => "hive";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Pack(HiveBuilder.Write(Tree)), Pack(HiveBuilder.Write(Tree, isLayered: true))];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. ((string[])["nk", "vk", "sk", "db", "lf", "lh", "li", "ri"]).Select(System.Text.Encoding.ASCII.GetBytes), [255, 255, 255, 255]];

    public override void Run(ReadOnlySpan<byte> input)
    {
        using Hive hive = Hive.Open(new MemoryStream(Unpack(input)));
        int keys = 0;
        foreach (HiveKey key in hive.EnumerateKeys())
        {
            keys++;
            _ = (key.ClassName, key.Security, key.Path);
            foreach (HiveValue value in key.EnumerateValues())
            {
                HiveContent content = value.Read();
                Require(content.Bytes.Length == value.Length, "data is as long as its value says");
                _ = (value.Name, content.Text, content.Texts, content.Number);
            }
        }

        LayeredHive view = new([hive, hive]);
        int merged = view.EnumerateKeys().Count(key => key.EnumerateValues().Count() >= 0 && key.Parts.Count <= 2);
        Require(merged <= keys, "a hive over itself has no more keys");
    }

    private static KeySpec Child(string name, byte layerBits) => new(name) { LayerBits = layerBits };

    // The base block is nearly all zeros: what matters of it is mutated, the rest is put back, so that inputs stay small.
    private static byte[] Pack(byte[] file) => [.. file.AsSpan(0, 160), .. file.AsSpan(4096).TrimEnd((byte)0)];

    private static byte[] Unpack(ReadOnlySpan<byte> input)
    {
        if (input.Length < 160)
            return input.ToArray();
        byte[] file = new byte[4096 + (((input.Length - 160) + 4095) / 4096 * 4096)];
        input[..160].CopyTo(file);
        input[160..].CopyTo(file.AsSpan(4096));
        HiveBuilder.Seal(file);
        return file;
    }
}
