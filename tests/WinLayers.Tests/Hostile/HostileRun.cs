using WinLayers.Formats;
using WinLayers.Oci.Archives;
using WinLayers.Oci.Content;
using WinLayers.Oci.Disk;
using WinLayers.Oci.Documents;
using WinLayers.Oci.Platforms;

namespace WinLayers.Tests.Hostile;

/// <summary>One hostile layer through everything that can be done with a layer.</summary>
internal static class HostileRun
{
    public static async Task AssertRefusedAsync(CorpusBed bed, LayerCase layer, bool isCopied = true)
    {
        CorpusImage image = LayerOperations.ImageOf(layer);
        string before = bed.Snapshot();

        Exception? refused = await Record.ExceptionAsync(() => bed.UnpackAsync(image));
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

    /// <summary>One of the codes, the very type of exception that has it, and a message of one line.</summary>
    public static void AssertIs(string codes, Exception? thrown)
    {
        WinLayersException refused = thrown as WinLayersException
            ?? throw new InvalidOperationException($"Expected {codes}, not {thrown?.ToString() ?? "success"}", thrown);
        Assert.True(IsIn(codes, refused.Code), $"Expected {codes}: {refused}");
        Assert.IsType(TypeOf(refused.Code), refused);
        Assert.DoesNotContain(refused.Message, c => char.IsControl(c));
        Assert.InRange(refused.Message.Length, 10, 1500);
    }

    // Callers tell what happened by the type.
    private static Type TypeOf(string code) => (code[..4], code) switch
    {
        ("WCL2", _) => typeof(LayerRefusedException),
        (_, "WCL3001") => typeof(DigestMismatchException),
        (_, "WCL3002") => typeof(SizeMismatchException),
        ("WCL3", _) => typeof(CompressionException),
        (_, "WCL5003" or "WCL5021") => typeof(DiskException),
        ("WCL5", _) => typeof(BlobStoreException),
        (_, "WCL7010") => typeof(PlatformException),
        (_, "WCL7021" or "WCL7022") => typeof(ArchiveException),
        ("WCL7", _) => typeof(ManifestException),
        _ => throw new ArgumentException($"No hostile input is refused with {code}.", nameof(code)),
    };

    private static async Task EveryOtherOperationAsync(CorpusBed bed, LayerCase layer, CorpusImage? image)
    {
        if (layer.IsDiff)
            AssertIs(layer.Code, Record.Exception(() => LayerOperations.Stage(bed, layer)));

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
