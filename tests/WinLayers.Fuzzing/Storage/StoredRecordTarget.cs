using System.Text;
using WinLayers.Oci.Digests;
using WinLayers.Storage;

namespace WinLayers.Fuzzing.Storage;

/// <summary>The records of a store: a layer's <c>stored.json</c>, or, after an <c>i</c>, an image's.</summary>
internal sealed class StoredRecordTarget : FuzzTarget
{
    private static readonly string Folder = ScratchFolder.Make("stored-record");

    public override string Name => "stored-record";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Bytes($$"""l{"format":"winlayers.stored/1","diffId":"{{Any}}","chainId":"{{Any}}","parentChainId":"{{Any}}","digest":"{{Any}}","host":"portable"}"""),
        Bytes($$"""i{"format":"winlayers.image/1","manifestDigest":"{{Any}}","references":["docker://a/b:c"],"chain":["{{Any}}"]}"""),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "null", "[]", "{}", "\"host\":", "\"parentChainId\":", "\"sha256:\"", "\"sha512:\"", "\"\\ud800\"", "\"\"",
            "1" }.Select(Bytes)];

    private static string Any => $"sha256:{new string('a', 64)}";

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        string file = Path.Combine(Folder, StoreRecords.LayerRecord);
        File.WriteAllBytes(file, input[1..]);
        if (input[0] == 'i')
        {
            ImageRecord image = StoreRecords.ReadImage(file)!;
            Require(image.References.All(reference => reference is not null) && image.Chain.All(IsDigest)
                && IsDigest(image.ManifestDigest), "an image has references and digests");
            return;
        }

        StoredLayer layer = StoreRecords.ReadLayer(Folder)!;
        Require(layer.Host is not null, "a layer has a host");
        Require(IsDigest(layer.Identity.ChainId) && IsDigest(layer.Identity.DiffId) && IsDigest(layer.Identity.Digest),
            "a layer has digests");
        Require(layer.Identity.ParentChainId is not { } parent || IsDigest(parent), "a parent has a digest");
    }

    private static bool IsDigest(Digest digest) => Digest.TryParse(digest.ToString(), out _);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
