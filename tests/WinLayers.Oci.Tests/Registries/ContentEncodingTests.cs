using WinLayers.Oci.Documents;
using WinLayers.Oci.Registries;
using WinLayers.Oci.Registries.Client;
using WinLayers.Testing.Registries;

namespace WinLayers.Oci.Tests.Registries;

/// <summary>
/// A blob's digest is of its bytes as stored: an answer under an encoding of its own is refused, neither decoded nor kept.
/// </summary>
public sealed class ContentEncodingTests
{
    [Theory]
    [InlineData("gzip", 0)]
    [InlineData("br", 0)]
    [InlineData("identity", 0)]
    [InlineData("gzip", 100)]
    public async Task OpenBlob_AnswerWithAContentEncoding_IsRefused(string encoding, int offset)
    {
        await using var registry = new TestRegistry();
        byte[] bytes = RegistryTesting.RandomBytes(500);
        Descriptor blob = registry.AddBlob("windows/app", bytes);
        registry.Misbehave = request =>
        {
            if (!request.Path.Contains("/blobs/", StringComparison.Ordinal))
                return null;
            TestAnswer answer = request.Header("Range") is null ? new TestAnswer(200) { Body = bytes } : Part(bytes, offset);
            return answer.With("Content-Encoding", encoding);
        };
        using var client = new RegistryClient(RegistryTesting.Quick);

        RegistryProtocolException refused = await Assert.ThrowsAsync<RegistryProtocolException>(
            () => client.OpenBlobAsync(registry.Reference("windows/app"), blob, offset, RegistryTesting.Token));

        Assert.Contains("content encoding", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, registry.Server.Count("GET", "/blobs/"));
    }

    private static TestAnswer Part(byte[] bytes, int offset) =>
        new TestAnswer(206) { Body = bytes[offset..] }.With("Content-Range", $"bytes {offset}-{bytes.Length - 1}/{bytes.Length}");
}
