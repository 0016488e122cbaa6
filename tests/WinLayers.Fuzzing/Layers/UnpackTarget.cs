using WinLayers.Formats;
using WinLayers.Formats.Tar;
using WinLayers.Fuzzing.Tar;
using WinLayers.Hosts;
using WinLayers.Linting;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Fuzzing.Layers;

/// <summary>
/// Whole layers, unpacked onto the disk: valid ones with mutations that leave the tar readable. What is refused, the linter has to find as
/// well, for the same reason; what is taken, the verifier has to find whole, and nothing may lie beside it.
/// </summary>
internal sealed class UnpackTarget : FuzzTarget
{
    private static readonly Digest Any = Digest.FromHash(new byte[32]);

    // Small, so that small layers come to them.
    private static readonly LayerLimits Limits = new() { ImpliedDirectories = 6, GlobalRecordBytes = 64, Entries = 12 };

    private static readonly string Root = ScratchFolder.Make("unpack");

    public override string Name => "unpack";

    // Those that a layer without parents may be.
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new TarTarget().Seeds.Where(
            tar => LayerLinter.Lint(new MemoryStream(TarMending.Mend(tar)), [])
            .All(finding => finding.Rule != LayerRules.WhiteoutInBase && finding.Rule != LayerRules.LinkToNothing))];

    public override IReadOnlyList<byte[]> Words { get; } = new TarTarget().Words;

    public override void Run(ReadOnlySpan<byte> input)
    {
        byte[] tar = TarMending.Mend(input);
        List<LayerFinding> findings = [.. LayerLinter.Lint(new MemoryStream(tar), [], Limits)];
        string folder = Path.Combine(Root, "layer");
        Directory.CreateDirectory(folder);
        try
        {
            Unpack(tar, folder);
            string[] beside = Directory.GetFileSystemEntries(Root);
            Require(beside.Length == 1 && beside[0] == folder, "nothing lies beside the layer");
        }
        catch (LayerRefusedException refused)
        {
            Require(findings.Any(finding => finding.Rule == refused.Rule), $"the linter finds what unpacking refuses: {refused.Rule.Name}");
            throw;
        }
        finally
        {
            using HostFolder root = HostFolder.Open(Root);
            root.RemoveTree("layer");
        }
    }

    private static void Unpack(byte[] tar, string folder)
    {
        var identity = new LayerIdentity(Any, Any, ParentChainId: null, Any);
        using (var volume = new PortableVolume(folder, identity))
        {
            var writer = new BaseLayerWriter(volume, Limits);
            using var reader = new LayerTarReader(new MemoryStream(tar), Limits);
            while (reader.Read() is { } entry)
                writer.Add(entry);
            writer.Complete();
        }

        LayerProblem? problem = new PortableVerifier(folder, [folder]).Verify(identity, CancellationToken.None).FirstOrDefault();
        Require(problem is null, $"what was unpacked is whole: {problem?.Kind} {problem?.Detail}");
    }
}
