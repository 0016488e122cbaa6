using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Text;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Auth;
using WinLayers.Oci.Registries.Client;
using WinLayers.Portable;
using WinLayers.Storage;
using WinLayers.Testing;
using WinLayers.Testing.Registries;
using WinLayers.Transport;
using WinLayers.Volumes;
using WinLayers.Windows.Scratch;

namespace WinLayers.House.Tests;

/// <summary>
/// Every JSON document that is read: with a key twice it has two readings, so it has none here. Without it the same document is taken.
/// </summary>
public sealed class DuplicateKeyTests : IDisposable
{
    private const string Zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    private const string Blob = $$"""{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Zeros}}","size":2<blob>}""";

    private readonly TestLayers _layers = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Kinds of documents with an error, and a document: a good one, which has none, or the same with a key twice.</summary>
    public static TheoryData<string, string, string> Documents()
    {
        (string Kind, string Error, string Text)[] documents =
        [
            ("manifest", "WCL7001", $$"""{"schemaVersion":2,"config":{{Blob}},"layers":[{{Blob}}],"annotations":{"a":"b"<"a":"b">}<"schemaVersion":2><"x":1,"x":1><"x":{"y":[{"z":1,"z":1}]}>}"""),
            ("index", "WCL7001", $$"""{"schemaVersion":2,"manifests":[{{Blob}}]<"manifests":[]>}"""),
            ("layout index", "WCL7001", $$"""{"schemaVersion":2,"manifests":[{{Blob}}]<"schemaVersion":2>}"""),
            ("layout marker", "WCL7001", """{"imageLayoutVersion":"1.0.0"<"imageLayoutVersion":"1.0.0">}"""),
            ("config", "WCL7001", $$"""{"os":"windows","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["{{Zeros}}"]<"diff_ids":[]>},"config":{"Env":[]<"Env":[]>}<"os":"linux">}"""),
            ("archive manifest", "WCL7001", """[{"Config":"a.json","RepoTags":null,"Layers":["b.tar"]<"Layers":[]><"Config":"a.json">}]"""),
            ("auth file", "broken", """{"auths":{"registry.example":{"auth":"dTpw"<"auth":"dTpw">}<"registry.example":{}>}<"auths":{}>}"""),
            ("credential helper", "broken", """{"Username":"u","Secret":"s"<"Secret":"s">}"""),
            ("token", "WCL4005", """{"token":"abc","expires_in":300<"token":"abc"><"expires_in":300>}"""),
            ("tags", "WCL4005", """{"name":"a/b","tags":["v1"]<"tags":["v2"]>}"""),
            ("referrers", "WCL4005", $$"""{"schemaVersion":2,"manifests":[{{Blob}}]<"manifests":[]>}"""),
            ("stored layer", "WCL5040", $$"""{"format":"winlayers.stored/1","diffId":"{{Zeros}}","chainId":"{{Zeros}}","digest":"{{Zeros}}","host":"portable"<"host":"hcs">}"""),
            ("image record", "WCL5040", $$"""{"format":"winlayers.image/1","manifestDigest":"{{Zeros}}","references":[],"chain":[]<"chain":[]>}"""),
            ("plan", "WCL2345", """{"removals":[],"links":[],"directoryTimes":[{"path":"Files\\a","attributes":16,"creation":1,"access":1,"write":1,"change":1<"write":1>}]<"removals":[]><"x":1,"x":1>}"""),
            ("layer chain", "WCL2347", """["/layers/a"<{"x":1,"x":2}>]"""),
            ("scratch record", "WCL6007", """{"format":"winlayers.scratch/1","method":"StorageFilter"<"method":"Sandbox">}"""),
            ("index header", "WCL5030", $$"""{"format":"winlayers.layer/1","diffId":"{{Zeros}}","chainId":"{{Zeros}}","digest":"{{Zeros}}"<"digest":"{{Zeros}}">}"""),
            ("index security", "WCL5030", """{"sd":0,"value":"AQAEgAAAAAAAAAAAAAAAAAAAAAA="<"sd":0><"value":""><"x":{"y":1,"y":1}>}"""),
            ("index entry", "WCL5030", """{"path":"Files","kind":"directory","attributes":16,"creation":1,"access":2,"write":3,"change":4<"path":"Files"><"change":4><"x":1,"\u0078":1>}"""),
            ("index streams", "WCL5030", $$"""{"path":"a","kind":"file","size":0,"sha256":"{{Zeros[7..]}}","attributes":32,"streams":[{"name":"s","size":1,"sha256":"{{Zeros[7..]}}"<"size":1>}]}"""),
            ("index end", "WCL5030", """{"end":{"lines":<lines>,"sha256":"<hash>"<"lines":1>}<"end":{}>}"""),
        ];
        TheoryData<string, string, string> cases = [];
        foreach ((string kind, string error, string text) in documents)
        {
            string blob = text.Replace("<blob>", "", StringComparison.Ordinal);
            cases.Add(kind, "", Fill(blob, place: -1));
            for (int place = 0; place < blob.Split("<\"").Length - 1 + blob.Split("<{").Length - 1; place++)
                cases.Add(kind, error, Fill(blob, place));
        }

        cases.Add("manifest", "WCL7001", $$"""{"schemaVersion":2,"config":{{Blob.Replace("<blob>", ",\"size\":3", StringComparison.Ordinal)}},"layers":[]}""");
        return cases;
    }

    public void Dispose() => _layers.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Read_KeyTwice_IsRefusedWithTheDocumentsOwnError(string kind, string error, string text) =>
        Assert.Equal((kind, text, error), (kind, text, await ReadAsync(kind, text)));

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{"a":1} x""", false)]
    [InlineData("""{"a":1}{}""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""/* */{}""", false)]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("""{"\udc00":1}""", false)]
    [InlineData("""[{"a":{"b":1,"c":{"b":1}}},{"a":1}]""", true)]
    [InlineData("", false)]
    public void Parse_IsStrict(string text, bool isGood) => Assert.Equal(isGood, IsRead(text));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(1_000_000, false)]
    public void Parse_Depth_IsBounded(int depth, bool isGood) =>
        Assert.Equal(isGood, IsRead(new string('[', depth) + new string(']', depth)));

    // More keys than there are bits to tell them apart, all with the same first and last letter and length.
    [Fact]
    public void Parse_ManyKeysThatLookAlike_AreToldApart()
    {
        string[] keys = [.. Enumerable.Range(100_000, 20_000).Select(i => $"\"a{i}z\":[{{\"a\":1}}]")];
        Assert.True(IsRead($"{{{string.Join(',', keys)}}}"));
        Assert.False(IsRead($"{{{string.Join(',', keys)},\"a100000z\":1}}"));
        Assert.False(IsRead($"{{{string.Join(',', keys)},\"a119999z\":1}}"));
    }

    private static bool IsRead(string text)
    {
        try
        {
            using var read = StrictJson.Parse(Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (System.Text.Json.JsonException e)
        {
            Assert.NotNull(e.LineNumber);
            return false;
        }
    }

    // One place is filled with its text, all others with nothing.
    private static string Fill(string text, int place)
    {
        StringBuilder filled = new();
        int number = 0;
        while (text.IndexOfAny(['<']) is var start and >= 0)
        {
            int end = text.IndexOf('>', start);
            string inner = text[(start + 1)..end];
            filled.Append(text.AsSpan(0, start));
            if (inner is "lines" or "hash")
                filled.Append('<').Append(inner).Append('>');
            else if (number++ == place)
                filled.Append(',').Append(inner);
            text = text[(end + 1)..];
        }

        return filled.Append(text).ToString();
    }

    private async Task<string> ReadAsync(string kind, string text)
    {
        try
        {
            return await ReadOneAsync(kind, text) ?? "broken";
        }
        catch (WinLayersException refused)
        {
            Assert.True(kind == "scratch record" || refused.Message.Contains(" twice", StringComparison.Ordinal), refused.Message);
            return refused.Code;
        }
    }

    // Empty where it was read; null where it was not, and that is no error.
    private async Task<string?> ReadOneAsync(string kind, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        RegistryCall call = new("registry.example", "a/b", "read");
        switch (kind)
        {
            case "manifest":
                ImageDocument.Parse(new RawManifest(MediaTypes.OciManifest, ContentHash.Of(bytes), bytes));
                break;
            case "index":
                ImageDocument.Parse(new RawManifest(MediaTypes.OciIndex, ContentHash.Of(bytes), bytes));
                break;
            case "layout index" or "layout marker":
                BlobStore store = await BlobStore.CreateAsync(Path.Combine(_layers.Root, "layout"), Stop);
                await File.WriteAllBytesAsync(Path.Combine(store.Root, kind == "layout index" ? "index.json" : "oci-layout"), bytes, Stop);
                BlobStore.Open(store.Root).Index.Read();
                break;
            case "config":
                ImageConfig.Parse(bytes, "config");
                break;
            case "archive manifest":
                ArchiveManifest.ParseAll("image.tar", bytes);
                break;
            case "auth file":
                string file = Path.Combine(_layers.Root, "config.json");
                await File.WriteAllBytesAsync(file, bytes, Stop);
                AuthFileAnswer answer =
                    await AuthFile.LookUpAsync(file, "registry.example", "a/b", new CredentialHelper(new RegistryOptions()), Stop);
                Assert.Equal(answer.IsBroken, answer.Note == "has a key twice (line 1)");
                return answer.IsBroken ? null : answer.Credential!.User == "u" ? "" : "no credential";
            case "credential helper":
                CredentialHelperAnswer given = CredentialHelper.Read("docker-credential-x", exitCode: 0, bytes);
                return given.IsBroken ? null : "";
            case "token":
                using (HttpClient http = new(new ScriptedHandler((_, _) => ScriptedHandler.Reply(200, text))))
                {
                    RegistryEndpoint endpoint = new() { Name = "registry.example", Origin = new Uri("https://registry.example") };
                    TokenRealm realm =
                        TokenRealm.FromChallenge(
                        AuthenticationChallenge.ParseAll(["Bearer realm=\"https://registry.example/token\",service=\"x\""])[0], endpoint,
                        call, []);
                    await new TokenServer((_, message, token) => http.SendAsync(message, token), new RegistryOptions(), new SentSecrets())
                        .GetAsync(realm, [], credential: null, endpoint, call, Stop);
                }

                break;
            case "tags" or "referrers":
                await using (TestRegistry registry = new() { Misbehave = _ => TestAnswer.Text(200, text) })
                using (RegistryClient client = new(RegistryTesting.Quick))
                {
                    if (kind == "tags")
                        await client.ListTagsAsync(registry.Reference("a/b"), Stop).GetAsyncEnumerator(Stop).MoveNextAsync();
                    else
                        await client.ListReferrersAsync(registry.Reference("a/b"), Digest.Parse(Zeros), artifactType: null, Stop);
                }

                break;
            case "stored layer":
                await File.WriteAllBytesAsync(Path.Combine(_layers.Root, StoreRecords.LayerRecord), bytes, Stop);
                StoreRecords.ReadLayer(_layers.Root);
                break;
            case "image record":
                string record = Path.Combine(_layers.Root, "record.json");
                await File.WriteAllBytesAsync(record, bytes, Stop);
                StoreRecords.ReadImage(record);
                break;
            case "plan":
                LayerPlan.Read(new MemoryStream(bytes));
                break;
            case "layer chain":
                await File.WriteAllBytesAsync(Path.Combine(_layers.Root, LayerChain.FileName), bytes, Stop);
                LayerChain.ReadFile(_layers.Root);
                break;
            case "scratch record":
                await File.WriteAllBytesAsync(Path.Combine(_layers.Root, ScratchRecord.FileName), bytes, Stop);
                ScratchRecord.Read(_layers.Root);
                break;
            default:
                await ReadIndexAsync(kind, text);
                break;
        }

        return "";
    }

    private async Task ReadIndexAsync(string kind, string text)
    {
        string header = kind == "index header" ? text
            : $$"""{"format":"winlayers.layer/1","diffId":"{{Zeros}}","chainId":"{{Zeros}}","digest":"{{Zeros}}"}""";
        string lines = kind is "index header" or "index end" ? header + "\n" : $"{header}\n{text}\n";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
        string end = kind == "index end" ? text : """{"end":{"lines":<lines>,"sha256":"<hash>"}}""";
        lines += end.Replace("<lines>", $"{lines.Count(c => c == '\n')}", StringComparison.Ordinal)
            .Replace("<hash>", hash, StringComparison.Ordinal) + "\n";
        await File.WriteAllTextAsync(Path.Combine(_layers.Root, StoredNames.Index), lines, Stop);
        using PortableTree tree = PortableTree.Open(_layers.Root);
        if (tree.Enumerate(LayerPath.Root).ToList() is [var only])
            tree.ReadMetadata(only.Path);
    }
}
