using System.Text;
using WinLayers.Formats;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.References;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;

namespace WinLayers.Fuzzing.Registry;

/// <summary>
/// What a registry answers, headers and all, to the question that the first byte picks: a manifest, its head, tags, referrers, or a blob
/// from some offset on.
/// </summary>
internal sealed class RegistryAnswerTarget : FuzzTarget
{
    private const string Blob = "hello, layer";
    private static readonly byte[] BlobBytes = Encoding.UTF8.GetBytes(Blob);
    private static readonly Digest BlobDigest = ContentHash.Of(BlobBytes);
    private static readonly Descriptor Wanted =
        new() { MediaType = "application/octet-stream", Digest = BlobDigest, Size = BlobBytes.Length };
    private static readonly RegistryReference Image = RegistryReference.Parse("docker://registry.example/a/b:1");

    public override string Name => "registry-answer";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "M200\nContent-Type: " +
                "application/vnd.oci.image.manifest.v1+json\n\n{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}",
            $"H200\nContent-Type: application/vnd.oci.image.index.v1+json\nDocker-Content-Digest: {BlobDigest}\nContent-Length: 12\n\n",
            "T200\nLink: </v2/a/b/tags/list?n=2&last=b>; rel=\"next\"\n\n{\"name\":\"a/b\",\"tags\":[\"a\",\"b\"]}\0"
                + "200\n\n{\"tags\":null}",
            $"R404\n\n\0200\n\n{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\"a/b\",\"digest\":\"{BlobDigest}\",\"size\":12,\"artifactType\":\"x/y\"}}]}}",
            $"B206\nContent-Range: bytes 5-11/12\nETag: \"x\"\n\n{Blob[5..]}",
            $"B200\nContent-Length: 12\n\n{Blob}",
            $"B307\nLocation: https://elsewhere.example/blob\n\n\0206\nContent-Range: bytes 5-11/12\n\n{Blob[5..]}",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "\0", "\n", "\n\n", "200", "206", "301", "304", "307", "308", "401", "403", "404", "416", "429", "500", "503", "Location: ",
                "https://", "http://", "//", "registry.example",
            "127.0.0.1", "[::1]", "Link: ", "<", ">", "; rel=next", "rel=\"next\"", "Content-Range: ", "bytes ", "*/12",
                "Content-Length: ", "Content-Encoding: gzip", "Content-Type: ", "ETag: ", "W/\"x\"",
            "Retry-After: ", "99999999999999999999", "Docker-Content-Digest: ", "sha256:", "\"tags\":", "\"manifests\":", "\"size\":",
                "null", "-1",
                "9223372036854775807", "1e99", "é", "\r",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        using var handler = new ScriptedHandler(input.Length > 0 ? input[1..].ToArray() : []);
        using var client =
            new RegistryClient(
            new RegistryOptions { HttpMessageHandler = handler, Retries = 0, RetryDelay = TimeSpan.Zero, UseAmbientCredentials = false });
        try
        {
            AskAsync(client, input.IsEmpty ? 'M' : (char)input[0]).GetAwaiter().GetResult();
        }
        catch (WinLayersException refused)
        {
            Require(refused.Message.Length < 3000 && !refused.Message.Any(char.IsControl), "a refusal is one line");
            throw;
        }
        finally
        {
            Require(handler.Asked.All(static uri => uri.Scheme == "https"), "nobody is spoken to in clear");
            Require(handler.Asked.Count < 50, "questions end");
        }
    }

    private static async Task AskAsync(RegistryClient client, char question)
    {
        switch (question)
        {
            case 'H':
                _ = await client.FindManifestAsync(Image, CancellationToken.None).ConfigureAwait(false) ?? throw NothingThere();
                break;
            case 'R':
                IReadOnlyList<Referrer> referrers =
                    await client.ListReferrersAsync(Image, BlobDigest, artifactType: null, CancellationToken.None).ConfigureAwait(false);
                Require(referrers.All(static referrer => referrer.Descriptor.Size >= 0), "sizes are not negative");
                if (referrers.Count == 0)
                    throw NothingThere();
                break;
            case 'B':
                await ReadBlobAsync(client, offset: 5).ConfigureAwait(false);
                break;
            case 'M':
                RawManifest manifest = await client.GetManifestAsync(Image, CancellationToken.None).ConfigureAwait(false);
                Require(manifest.Digest == ContentHash.Of(manifest.Bytes.Span), "a manifest has the digest that it is known by");
                break;
            default:
                int tags = 0;
                await foreach (string tag in client.ListTagsAsync(Image, CancellationToken.None).ConfigureAwait(false))
                {
                    Require(tag.Length is > 0 and <= 128, "a tag is one");
                    tags++;
                }

                if (tags == 0)
                    throw NothingThere();
                break;
        }
    }

    // As good as refused: inputs that only lead here are not worth building on.
    private static FormatException NothingThere() => new("nothing is there");

    private static async Task ReadBlobAsync(RegistryClient client, long offset)
    {
        Stream blob = await client.OpenBlobAsync(Image, Wanted, offset, CancellationToken.None).ConfigureAwait(false);
        await using (blob.ConfigureAwait(false))
        {
            byte[] rest = new byte[BlobBytes.Length + 1];
            int read = await blob.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false).ConfigureAwait(false);
            Require(read == BlobBytes.Length - offset, "what is read to its end has the blob's length");
        }
    }
}
