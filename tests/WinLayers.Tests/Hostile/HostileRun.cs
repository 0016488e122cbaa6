using WinLayers.Formats;
using WinLayers.Oci.Content;

namespace WinLayers.Tests.Hostile;

/// <summary>One hostile layer through everything that can be done with a layer.</summary>
internal static class HostileRun
{
    public static async Task AssertRefusedAsync(CorpusBed bed, LayerCase layer, bool isCopied = true)
    {
        CorpusImage image = LayerOperations.ImageOf(layer);
        string before = bed.Snapshot();

        WinLayersException refused = await Assert.ThrowsAnyAsync<WinLayersException>(() => bed.UnpackAsync(image));
        AssertIs(layer.Code, refused);
        if (refused is LayerRefusedException entry)
            Assert.NotNull(entry.Layer);
        Assert.Equal(before, bed.Snapshot());
        bed.ForgetBlobs();

        // The others do not know the DiffID.
        if (!layer.Code.Contains("WCL3001", StringComparison.Ordinal))
            await EveryOtherOperationAsync(bed, layer, isCopied ? image : null);
        Assert.Equal(before, bed.Snapshot());
    }

    public static void AssertIs(string codes, WinLayersException refused)
    {
        Assert.True(IsIn(codes, refused.Code), $"Expected {codes}: {refused}");
        Assert.DoesNotContain(refused.Message, c => char.IsControl(c));
        Assert.InRange(refused.Message.Length, 10, 1500);
    }

    private static async Task EveryOtherOperationAsync(CorpusBed bed, LayerCase layer, CorpusImage? image)
    {
        if (layer.IsDiff)
            AssertIs(layer.Code, Assert.ThrowsAny<WinLayersException>(() => LayerOperations.Stage(bed, layer)));

        try
        {
            Assert.Contains(LayerOperations.Lint(bed, layer),
                finding => finding.Severity is RuleSeverity.Error && IsIn(layer.Code, finding.Rule.Code));
        }
        catch (CompressionException refused)
        {
            AssertIs(layer.Code, refused);
        }

        try
        {
            LayerOperations.ShowFromBlobs(bed, layer);
        }
        catch (WinLayersException refused)
        {
            // The merged view shows what contradicts itself as well as it can; what it refuses, it refuses for the same reason.
            AssertIs(layer.Code, refused);
        }

        if (image is not null && await LayerOperations.CopyAsync(bed, image) is { } copy)
            AssertIs(layer.Code, copy);
    }

    // Which of two codes may depend on the inflater that the system has.
    private static bool IsIn(string codes, string code) => codes.Split('|').Contains(code, StringComparer.Ordinal);
}
