using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Oci.Tests;

public sealed class ImageTransportsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_OwnTransport_IsReadAndOpened()
    {
        ImageTransports transports = ImageTransports.Standard().With(new BoxTransport("box:"));
        ImageReference reference = transports.Parse("box:7");
        Assert.Equal(new BoxReference(7), reference);
        Assert.Equal("box:7", reference.ToString());
        await Assert.ThrowsAsync<BoxOpenedException>(() => transports.OpenAsync("box:7", Token));
        Assert.Equal("WCL1001", Assert.Throws<ImageReferenceException>(() => transports.Parse("box:x")).Code);
    }

    [Fact]
    public async Task OpenTarget_TransportThatOnlyReads_IsRefused()
    {
        ImageTransports transports = ImageTransports.Standard().With(new BoxTransport("box:"));
        ImageReferenceException e = await Assert.ThrowsAsync<ImageReferenceException>(
            () => transports.OpenTargetAsync(transports.Parse("box:7"), cancellationToken: Token));
        Assert.Equal(("WCL1003", "'box:7' is no place for an image: nothing can be written to box:."), (e.Code, e.Message));
    }

    [Fact]
    public async Task OpenTarget_LayoutWithDigest_IsRefused()
    {
        ImageTransports transports = ImageTransports.Standard();
        ImageReference reference = transports.Parse("oci:x@sha256:" + new string('0', 64));
        ImageReferenceException e =
            await Assert.ThrowsAsync<ImageReferenceException>(() => transports.OpenTargetAsync(reference, cancellationToken: Token));
        Assert.Equal("WCL1003", e.Code);
        Assert.EndsWith("an image is sent to a name, not to a digest.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_OwnTransport_LeavesTheSetAsItWas()
    {
        ImageTransports standard = ImageTransports.Standard();
        ImageTransports more = standard.With(new BoxTransport("box:"));
        Assert.IsType<RegistryReference>(standard.Parse("box:7"));
        Assert.Throws<ArgumentException>(() => { _ = standard.OpenAsync(new BoxReference(7), Token); });
        Assert.IsType<BoxReference>(more.Parse("box:7"));
    }

    [Theory]
    [InlineData("oci:")]
    [InlineData("docker:")]
    [InlineData("box")]
    [InlineData(":")]
    [InlineData("c:")]
    [InlineData("box:/")]
    public void With_PrefixThatCannotBeToldApart_IsRefused(string prefix) =>
        Assert.Throws<ArgumentException>(() => ImageTransports.Standard().With(new BoxTransport(prefix)));

    [Fact]
    public async Task Open_RegistryWithoutClient_IsRefused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => ImageTransports.Standard().OpenAsync("host.example/x", Token));
    }

    private sealed record BoxReference(int Number) : ImageReference
    {
        protected override string Format() => $"box:{Number}";
    }

    private sealed class BoxOpenedException : Exception;

    private sealed class BoxTransport(string prefix) : ImageTransport
    {
        public override string Prefix => prefix;

        public override string Syntax => "box:NUMBER";

        public override ImageReference? Parse(string text, out string? problem)
        {
            bool isNumber = int.TryParse(text, out int number);
            problem = isNumber ? null : "a box has a number";
            return isNumber ? new BoxReference(number) : null;
        }

        public override Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
            throw new BoxOpenedException();
    }
}
