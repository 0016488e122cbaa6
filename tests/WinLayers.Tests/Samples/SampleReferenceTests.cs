using WinLayers.Oci;
using WinLayers.Oci.References;
using WinLayers.Samples;

namespace WinLayers.Tests.Samples;

public sealed class SampleReferenceTests
{
    private static readonly ImageTransports Transports = ImageTransports.Standard().WithSamples();

    [Fact]
    public void Parse_Large_FindsItsSizes()
    {
        SampleReference sample = Assert.IsType<SampleReference>(Transports.Parse("sample:large?entries=1000&bytes=5"));
        Assert.Equal((1000, 5L), (sample.Entries, sample.Bytes));
        Assert.Equal("sample:large?entries=1000&bytes=5", sample.ToString());
    }

    [Theory]
    [InlineData("sample:other")]
    [InlineData("sample:large?entries=-1")]
    [InlineData("sample:large?entries=99999999999")]
    [InlineData("sample:large?bytes=x")]
    [InlineData("sample:large?x=1")]
    [InlineData("sample:default?entries=1000")]
    [InlineData("sample:large?entries")]
    [InlineData("sample:large?bytes=99999999999999")]
    public void Parse_Hostile_IsRefusedInOnePrintableLine(string text)
    {
        Assert.False(Transports.TryParse(text, out _));
        ImageReferenceException e = Assert.Throws<ImageReferenceException>(() => Transports.Parse(text));
        Assert.StartsWith("WCL100", e.Code, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, c => char.IsControl(c));
        Assert.True(e.Message.Length < 600);
    }

    [Fact]
    public void Parse_UnknownTransport_NamesTheKnownOnes()
    {
        ImageReferenceException e = Assert.Throws<ImageReferenceException>(() => Transports.Parse("https://host.io/x"));
        Assert.EndsWith("the transport 'https://' is none of docker://, oci:, oci-archive:, docker-archive: and sample:.", e.Message,
            StringComparison.Ordinal);
        e = Assert.Throws<ImageReferenceException>(() => Transports.Parse("X"));
        Assert.Equal(
            "An image is named as [docker://]HOST/REPO[:TAG], oci:FOLDER[:NAME], oci-archive:FILE[:NAME], " +
                "docker-archive:FILE[:NAME] or sample:[NAME].",
            e.Remedy);
    }

    [Fact]
    public async Task OpenTarget_Sample_IsRefused()
    {
        ImageReferenceException e = await Assert.ThrowsAsync<ImageReferenceException>(
            () => Transports.OpenTargetAsync(Transports.Parse("sample:"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("WCL1003", "'sample:default' is no place for an image: samples cannot be written."), (e.Code, e.Message));
    }
}
