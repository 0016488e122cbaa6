using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats.Ntfs;
using WinLayers.Portable;
using WinLayers.Testing;
using static WinLayers.Testing.TestLayers;

namespace WinLayers.Tests.Portable;

/// <summary>
/// Values that many entries share stand once in the index; the first release's index, which had them in every line, is read.
/// </summary>
public sealed class IndexValueTests : IDisposable
{
    private static readonly ExtendedAttributes Attributes = ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray())]);
    private static readonly ReparsePoint Link = ReparsePoint.FromTarget("a\\b", isMountPoint: false);

    private readonly TestLayers _layers = new();

    public void Dispose() => _layers.Dispose();

    [Fact]
    public void Write_EqualValues_StandOnceBeforeTheirFirstUse()
    {
        using PortableTree tree = _layers.Make("a", volume => volume.Dir("Files")
            .File("Files\\a", "", Plain with { ExtendedAttributes = Attributes })
            .File("Files\\b", "", Plain with { ExtendedAttributes = ExtendedAttributes.FromList(Attributes.List.Span), Reparse = Link })
            .File("Files\\c", "", Plain with { Reparse = ReparsePoint.FromBuffer(Link.Buffer.Span) }));

        string[] lines = [.. File.ReadLines(Index(tree)).Where(line => !line.StartsWith("{\"sd\"", StringComparison.Ordinal))];
        Assert.Equal($$"""{"ea":0,"value":"{{Convert.ToBase64String(Attributes.List.Span)}}"}""", lines[2]);
        Assert.Contains("\"ea\":0", lines[3], StringComparison.Ordinal);
        Assert.Equal($$"""{"reparse":0,"value":"{{Convert.ToBase64String(Link.Buffer.Span)}}"}""", lines[4]);
        Assert.Equal(8, lines.Length);
        Assert.Equal((Attributes, null), Of(tree, "Files\\a"));
        Assert.Equal((Attributes, Link), Of(tree, "Files\\b"));
        Assert.Equal((null, Link), Of(tree, "Files\\c"));
    }

    [Fact]
    public void Open_IndexOfTheFirstRelease_ReadsTheSame()
    {
        string folder;
        using (PortableTree tree = _layers.Make("a", volume => volume.Dir("Files")
            .File("Files\\a", "", Plain with { ExtendedAttributes = Attributes }).File("Files\\b", "", Plain with { Reparse = Link })))
            folder = tree.Location;
        Rewrite(folder,
            line => line.StartsWith("{\"ea\"", StringComparison.Ordinal) || line.StartsWith("{\"reparse\"", StringComparison.Ordinal)
            ? null
            : line.Replace("winlayers.layer/2", "winlayers.layer/1", StringComparison.Ordinal)
                .Replace("\"ea\":0", $"\"ea\":\"{Convert.ToBase64String(Attributes.List.Span)}\"", StringComparison.Ordinal)
                .Replace("\"reparse\":0", $"\"reparse\":\"{Convert.ToBase64String(Link.Buffer.Span)}\"", StringComparison.Ordinal));

        using PortableTree first = PortableTree.Open(folder);

        Assert.Equal((Attributes, null), Of(first, "Files\\a"));
        Assert.Equal((null, Link), Of(first, "Files\\b"));
        Assert.True(first.Find(P("Files\\b"))!.Value.IsReparsePoint);
        Assert.True(PortableLayerForm.Instance.IsCertain(folder));
    }

    [Theory]
    [InlineData("\"ea\":0,", "\"ea\":1,")]
    [InlineData("\"ea\":0,", "\"ea\":-1,")]
    [InlineData("{\"ea\":0,\"value\"", "{\"ea\":1,\"value\"")]
    [InlineData("{\"ea\":0,\"value\"", "{\"ea\":0,\"sd\":0,\"value\"")]
    [InlineData("winlayers.layer/2", "winlayers.layer/3")]
    public void Open_ValueThatIsNotThere_IsDamage(string right, string wrong)
    {
        string folder;
        using (PortableTree tree = _layers.Make("a", volume => volume.Dir("Files")
            .File("Files\\a", "", Plain with { ExtendedAttributes = Attributes })))
            folder = tree.Location;
        Rewrite(folder, line => line.Contains(right, StringComparison.Ordinal) ? line.Replace(right, wrong, StringComparison.Ordinal)
            : line.Replace(right[..^1] + "}", wrong[..^1] + "}", StringComparison.Ordinal));

        Assert.Throws<LayerIndexException>(() =>
        {
            using PortableTree tree = PortableTree.Open(folder);
            return tree.ReadMetadata(P("Files\\a"));
        });
    }

    private static (ExtendedAttributes? Attributes, ReparsePoint? Reparse) Of(PortableTree tree, string path)
    {
        FileMetadata metadata = tree.ReadMetadata(P(path));
        return (metadata.ExtendedAttributes, metadata.Reparse);
    }

    private static string Index(PortableTree tree) => Path.Combine(tree.Location, "layer.jsonl");

    // With an end line that is right.
    private static void Rewrite(string folder, Func<string, string?> change)
    {
        string file = Path.Combine(folder, "layer.jsonl");
        string[] lines = [.. File.ReadLines(file).SkipLast(1).Select(change).OfType<string>()];
        string text = string.Concat(lines.Select(line => line + "\n"));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        File.WriteAllText(file, text + $$$"""{"end":{"lines":{{{lines.Length}}},"sha256":"{{{hash}}}"}}""" + "\n");
    }
}
