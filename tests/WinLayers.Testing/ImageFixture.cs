using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using WinLayers.Oci.Content;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;

namespace WinLayers.Testing;

/// <summary>Makes small images by hand, so that what the library writes is not its own measure.</summary>
internal static class ImageFixture
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static byte[] Tar(string name, string text)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Pax, leaveOpen: true))
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    ModificationTime = DateTimeOffset.UnixEpoch
                });
        return tar.ToArray();
    }

    internal static Digest DigestOf(byte[] bytes) => Digest.FromHash(SHA256.HashData(bytes));

    internal static byte[] Config(IEnumerable<byte[]> tars, string osVersion = "10.0.20348.2031", string os = "windows",
        string architecture = "amd64")
    {
        JsonArray diffIds = [.. tars.Select(tar => (JsonNode)DigestOf(tar).ToString())];
        return Bytes(new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = os,
            ["os.version"] = osVersion,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = diffIds },
            ["config"] = new JsonObject { ["Cmd"] = new JsonArray("cmd.exe"), ["Env"] = new JsonArray("A=b") },
            ["history"] = new JsonArray(new JsonObject { ["created_by"] = "Apply image" }),
        });
    }

    internal static JsonObject Descriptor(string mediaType, byte[] bytes) =>
        new() { ["mediaType"] = mediaType, ["digest"] = DigestOf(bytes).ToString(), ["size"] = bytes.Length };

    internal static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    /// <summary>Stores an image of gzip layers and gives its manifest.</summary>
    internal static async Task<byte[]> PutImageAsync(
        BlobStore store, string osVersion, string[] texts, Action<JsonObject>? change = null, Func<int, bool>? isStored = null)
    {
        byte[][] tars = [.. texts.Select((text, i) => Tar($"Files/{i}.txt", text))];
        byte[][] layers = [.. tars.Select(tar => TestBytes.Compress(tar))];
        byte[] config = Config(tars, osVersion);
        JsonArray descriptors = [.. layers.Select(layer => (JsonNode)Descriptor(MediaTypes.OciLayerGZip, layer))];
        JsonObject manifest = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor(MediaTypes.OciConfig, config),
            ["layers"] = descriptors,
            ["x-kept"] = "as it was",
        };
        change?.Invoke(manifest);
        byte[] bytes = Bytes(manifest);
        for (int i = 0; i < layers.Length; i++)
        {
            if (isStored?.Invoke(i) != false)
                await store.PutAsync(DigestOf(layers[i]), layers[i], Token);
        }

        await store.PutAsync(DigestOf(config), config, Token);
        await store.PutAsync(DigestOf(bytes), bytes, Token);
        return bytes;
    }

    internal static Descriptor Of(string mediaType, byte[] bytes) =>
        new() { MediaType = mediaType, Digest = DigestOf(bytes), Size = bytes.Length };
}
