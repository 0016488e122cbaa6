using WinLayers.Fuzzing.Hives;
using WinLayers.Fuzzing.Hosts;
using WinLayers.Fuzzing.Images;
using WinLayers.Fuzzing.Layers;
using WinLayers.Fuzzing.Ntfs;
using WinLayers.Fuzzing.Registry;
using WinLayers.Fuzzing.Storage;
using WinLayers.Fuzzing.Tar;

namespace WinLayers.Fuzzing;

/// <summary>Every target there is. Add yours here.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new ReparseTarget(),
        new ExtendedAttributesTarget(),
        new SddlTarget(),
        new SecurityDescriptorTarget(),
        new BackupStreamTarget(),
        new HiveTarget(),
        new HiveLogTarget(),
        new LayerPathTarget(),
        new TarTarget(),
        new TarMembersTarget(),
        new UnpackTarget(),
        new LayerIndexTarget(),
        new PlanTarget(),
        new ChainFileTarget(),
        new StoredRecordTarget(),
        new PaxTimeTarget(),
        new ManifestTarget(),
        new ReferenceTarget(),
        new DigestTarget(),
        new GZipTarget(),
        new OciArchiveTarget(),
        new AuthFileTarget(),
        new AuthFileEditorTarget(),
        new ChallengeTarget(),
        new TokenAnswerTarget(),
        new LayoutIndexTarget(),
        new RegistryAnswerTarget(),
    ];
}
