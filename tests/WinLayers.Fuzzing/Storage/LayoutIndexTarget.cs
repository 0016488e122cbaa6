using System.Text;
using System.Text.Json;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Fuzzing.Storage;

/// <summary>
/// The <c>index.json</c> of a layout that other tools write too, given a name and freed of it again: what they keep there stays, and the
/// index is as good as before.
/// </summary>
internal sealed class LayoutIndexTarget : FuzzTarget
{
    private const string Given = "fuzz";

    private static readonly BlobStore Store =
        BlobStore.CreateAsync(ScratchFolder.Make("layout-index"), CancellationToken.None).GetAwaiter().GetResult();
    private static readonly Descriptor Image =
        new() { MediaType = MediaTypes.OciManifest, Digest = Digest.Parse($"sha256:{new string('f', 64)}"), Size = 7 };

    public override string Name => "layout-index";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            """{"schemaVersion":2,"manifests":[]}""",
            $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[{{{Entry('a', "v1")}}},{{{Entry('b', Given)}}}],"annotations":{"x":"y"}}""",
            $$$"""{"manifests":[{{{Entry('f', "other")}}}, {"mediaType":"a/b","digest":"sha256:{{{new string('c', 64)}}}","size":10,"platform":{"os":"windows"},"data":"eA==","extra":[1.0,null,{}]}],"more":{"a":[true]},"schemaVersion":2}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[] { "\"manifests\":", "\"Manifests\":", "\"annotations\":", $"\"{LayoutIndex.NameAnnotation}\":", $"\"{Given}\"",
            "\"mediaType\":", "null", "[]", "{}", "\"\\ud800\"", "\"\\u0000\"", "1e999", "," }.Select(Encoding.UTF8.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        string file = Path.Combine(Store.Root, "index.json");
        File.WriteAllBytes(file, input);
        IReadOnlyList<Descriptor> before = Store.Index.Read().Manifests;
        using JsonDocument old = JsonDocument.Parse(input.ToArray());

        Store.Index.SetAsync(Given, Image, CancellationToken.None).GetAwaiter().GetResult();
        IReadOnlyList<Descriptor> named = Store.Index.Read().Manifests;
        Require(Store.Index.Find(Given) is { } found && found.Digest == Image.Digest && found.Size == Image.Size,
            "a name that is given leads to its image");
        Require(named.Count(IsGiven) == 1, "a name is there once");
        using (JsonDocument changed = JsonDocument.Parse(File.ReadAllBytes(file)))
            RequireRest(old.RootElement, changed.RootElement);

        Store.Index.RemoveAsync(Given, CancellationToken.None).GetAwaiter().GetResult();
        IReadOnlyList<Descriptor> after = Store.Index.Read().Manifests;
        Require(after.Select(Key).SequenceEqual(before.Where(entry => !IsGiven(entry)).Select(Key)),
            "a name that is taken away leaves the others in their order");
        using (JsonDocument changed = JsonDocument.Parse(File.ReadAllBytes(file)))
            RequireRest(old.RootElement, changed.RootElement);
    }

    private static string Entry(char digit, string name) =>
        $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"sha256:{{{new string(digit, 64)}}}","size":5,"annotations":{"{{{LayoutIndex.NameAnnotation}}}":"{{{name}}}"}}""";

    private static bool IsGiven(Descriptor entry) => LayoutIndex.NameOf(entry) == Given;

    private static (Digest Digest, long Size, string? Name) Key(Descriptor entry) => (entry.Digest, entry.Size, LayoutIndex.NameOf(entry));

    private static void RequireRest(JsonElement old, JsonElement changed)
    {
        foreach (JsonProperty property in old.EnumerateObject())
        {
            if (property.Name is not ("schemaVersion" or "mediaType" or "manifests"))
                Require(changed.TryGetProperty(property.Name, out JsonElement kept) && JsonElement.DeepEquals(property.Value, kept),
                    "what other tools keep beside the entries stays");
        }

        Require(Others(old).SequenceEqual(Others(changed), Comparer.Instance), "the entries of others stay as they were written");
    }

    private static IEnumerable<JsonElement> Others(JsonElement index) =>
        index.TryGetProperty("manifests", out JsonElement entries) && entries.ValueKind == JsonValueKind.Array
            ? entries.EnumerateArray()
                .Where(static entry =>
                !(entry.TryGetProperty("annotations", out JsonElement notes) && notes.ValueKind == JsonValueKind.Object
                && notes.TryGetProperty(LayoutIndex.NameAnnotation, out JsonElement name) && name.ValueKind == JsonValueKind.String
                    && name.GetString() == Given))
            : [];

    private sealed class Comparer : IEqualityComparer<JsonElement>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y);

        public int GetHashCode(JsonElement obj) => 0;
    }
}
