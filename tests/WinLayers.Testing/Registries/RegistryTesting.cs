using WinLayers.Oci.Digests;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;

namespace WinLayers.Testing.Registries;

/// <summary>Options in which a test's waits are short, and reading to the end.</summary>
internal static class RegistryTesting
{
    public static RegistryOptions Quick { get; } = new()
    {
        UseAmbientCredentials = false,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromSeconds(2),
        ResponseTimeout = TimeSpan.FromSeconds(10),
    };

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static byte[] RandomBytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        await using (stream)
        {
            using var memory = new MemoryStream();
            await stream.CopyToAsync(memory, Token);
            return memory.ToArray();
        }
    }

    public static Descriptor DescriptorOf(byte[] bytes, string mediaType = MediaTypes.OciLayerGZip, params string[] urls) =>
        new() { MediaType = mediaType, Digest = ContentHash.Of(bytes), Size = bytes.Length, Urls = urls };

    public static string EmptyManifest(string note = "") =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[],"annotations":{"note":"{{note}}"} }""";
}
