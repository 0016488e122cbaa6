using System.Text;
using WinLayers.Oci.Digests;

namespace WinLayers.Fuzzing.Images;

/// <summary>Digests, which become file names and parts of addresses.</summary>
internal sealed class DigestTarget : FuzzTarget
{
    public override string Name => "digest";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Encoding.ASCII.GetBytes("sha256:" + new string('a', 64)), Encoding.ASCII.GetBytes("sha512:" + new string('0', 128))];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "sha256:", "sha512:", "../", "/", "A", "\0", "%" }.Select(Encoding.ASCII.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        Digest digest = Digest.Parse(Encoding.UTF8.GetString(input));
        Require(digest.Algorithm is "sha256" or "sha512", "the algorithm is known");
        Require(digest.Hex.All(char.IsAsciiHexDigitLower) && digest.Hex.Length is (64 or 128), "the rest is lower-case hex");
        Require(Digest.Parse(digest.ToString()) == digest, "a digest of its own text is itself");
    }
}
