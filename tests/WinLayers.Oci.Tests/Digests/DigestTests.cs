using WinLayers.Oci.Digests;

namespace WinLayers.Oci.Tests.Digests;

public sealed class DigestTests
{
    private static readonly string Hex = new('a', 64);

    [Theory]
    [InlineData("sha256:{0}")]
    [InlineData("SHA256:{0}")]
    [InlineData(" sha256:{0}\n")]
    public void ParseUserInput_TakesEitherLetterCase_AndBlanksAround(string format)
    {
        var expected = Digest.Parse($"sha256:{Hex}");

        Assert.Equal(expected, Digest.ParseUserInput(string.Format(null, format, Hex)));
        Assert.Equal(expected, Digest.ParseUserInput(string.Format(null, format, Hex.ToUpperInvariant())));
    }

    // The Kelvin sign and the long s become letters of ASCII in some foldings.
    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:\u212Aaaa")]
    [InlineData("\u017Fha256:{0}")]
    [InlineData("md5:{0}")]
    [InlineData("{0}")]
    [InlineData("sha256:{0}a")]
    [InlineData("sha256: {0}")]
    public void ParseUserInput_OfAnythingElse_IsRefused(string format) =>
        Assert.Throws<FormatException>(() => Digest.ParseUserInput(string.Format(null, format, Hex)));

    [Fact]
    public void Parse_OfDocuments_StaysStrict()
    {
        Assert.Throws<FormatException>(() => Digest.Parse($"sha256:{Hex.ToUpperInvariant()}"));
        Assert.Throws<FormatException>(() => Digest.Parse($" sha256:{Hex}"));
    }
}
