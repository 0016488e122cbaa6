using WinLayers.Oci;
using WinLayers.Oci.References;
using WinLayers.Oci.Sources;

namespace WinLayers.Samples;

/// <summary>Adds the made-up images to what a program can open.</summary>
public static class SampleTransport
{
    /// <summary>The same transports and <c>sample:</c>.</summary>
    public static ImageTransports WithSamples(this ImageTransports transports)
    {
        ArgumentNullException.ThrowIfNull(transports);
        return transports.With(new Transport());
    }

    private sealed class Transport : ImageTransport
    {
        public override string Prefix => SampleReference.Prefix;

        public override string Syntax => "sample:[NAME]";

        public override ImageReference? Parse(string text, out string? problem) => SampleReference.Read(text, out problem);

        public override async Task<IImageSource> OpenAsync(ImageReference reference, CancellationToken cancellationToken = default) =>
            await SampleSource.OpenAsync((SampleReference)reference, cancellationToken).ConfigureAwait(false);

        public override Task<IImageTarget> OpenTargetAsync(
            ImageReference reference, ImageReference? from = null, CancellationToken cancellationToken = default) =>
            throw NotATarget(reference, "samples cannot be written");
    }
}
