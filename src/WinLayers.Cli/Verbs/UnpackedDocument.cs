using WinLayers.Unpacking;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>unpack --json</c> prints.</summary>
internal sealed record UnpackedDocument(
    string Image, string Digest, UnpackedDocument.UnpackedPlatform Platform, IReadOnlyList<UnpackedDocument.ChainLayer> Chain,
        UnpackedDocument.TimingFacts Timings, string? Warning)
{
    public static UnpackedDocument Of(UnpackedImage image) => new(
        image.Name,
        image.ManifestDigest.ToString(),
        new UnpackedPlatform(image.Platform.Os, image.Platform.Architecture, image.Platform.OsVersion),
        [.. image.Layers.Select(layer => new ChainLayer(
            layer.Layer.Identity.ChainId.ToString(), layer.Layer.Identity.DiffId.ToString(), layer.Layer.Identity.Digest.ToString(),
                layer.Layer.Folder,
            layer.Layer.Host, layer.WasPresent))],
        new TimingFacts(
            Milliseconds(image.Elapsed),
            [.. image.Layers.Where(layer => !layer.WasPresent).Select(layer => new LayerTiming(
                layer.Layer.Identity.ChainId.ToString(), layer.Entries,
                [.. layer.Stages.Select(
                    stage => new Stage(stage.Stage, stage.Bytes, Milliseconds(stage.Busy), Milliseconds(stage.Waiting)))]))]),
        image.Warning);

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    public sealed record UnpackedPlatform(string Os, string Architecture, string? OsVersion);

    public sealed record ChainLayer(string ChainId, string DiffId, string Digest, string Path, string Host, bool WasPresent);

    public sealed record TimingFacts(double ElapsedMs, IReadOnlyList<LayerTiming> Layers);

    public sealed record LayerTiming(string ChainId, long Entries, IReadOnlyList<Stage> Stages);

    public sealed record Stage(string Name, long Bytes, double BusyMs, double WaitingMs);
}
