using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Linting;

/// <summary>Tells what would make the reference, Windows or this library refuse a layer, and what in it is lost or surprises.</summary>
public static class LayerLinter
{
    /// <summary>
    /// Reads a layer's tar and tells what is wrong with it, entry by entry, and goes on as long as the tar can be read. Findings come
    /// while the tar is read; memory is the layer's names.
    /// </summary>
    /// <param name="tar">The uncompressed tar, read to its end.</param>
    /// <param name="parents">
    /// The layers below, nearest first; empty for a base layer, null where there are some that are not at hand.
    /// </param>
    /// <param name="limits">What the layer may cost.</param>
    public static IEnumerable<LayerFinding> Lint(Stream tar, IReadOnlyList<ILayerTree>? parents, LayerLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(tar);
        return LintEntries(tar, parents, limits, static _ => { });
    }

    /// <summary>Lints, and gives the layer's names away when it is through.</summary>
    /// <param name="tar">The uncompressed tar.</param>
    /// <param name="parents">The layers below; null where they are not at hand.</param>
    /// <param name="limits">What the layer may cost.</param>
    /// <param name="done">Gets the layer's names at the end.</param>
    internal static IEnumerable<LayerFinding> LintEntries(
        Stream tar, IReadOnlyList<ILayerTree>? parents, LayerLimits? limits, Action<LayerNames> done)
    {
        bool isBase = parents is { Count: 0 };
        var findings = new CollectingFindings(parentsKnown: parents is not null);
        LayerAdmission admission = isBase
            ? new BaseAdmission(findings, limits)
            : new DiffAdmission(findings, parents, UnchangedUtilityVm.Instance, limits);
        var entries = new EntryLint(findings, isBase);
        using var reader = new LayerTarReader(tar, limits);
        while (ReadNext(reader, admission, entries, findings))
        {
            foreach (LayerFinding finding in findings.Take())
                yield return finding;
        }

        admission.Complete();
        entries.Complete();
        // A tar that could not be read to its end has said so.
        if (reader is { HasEnd: false, IsBroken: false })
            findings.Report(TarRules.NoEnd, new EntryPlace(null, reader.Position), "the tar ends without a block of zeros");
        if (reader.HasTrailingData)
            findings.Report(LintRules.TrailingData, default, "something follows the tar's end");
        if (isBase)
            CheckBase(admission.Names, findings);
        done(admission.Names);
        foreach (LayerFinding finding in findings.Take())
            yield return finding;
    }

    private static bool ReadNext(LayerTarReader reader, LayerAdmission admission, EntryLint entries, CollectingFindings findings)
    {
        LayerRefusedException? before = null;
        while (true)
        {
            try
            {
                if (reader.Read() is not { } entry)
                    return false;
                admission.Admit(entry);
                entries.Check(entry);
                if (reader.MarkerBytes > 0)
                    findings.Report(LintRules.WhiteoutData, EntryPlace.Of(entry), $"the whiteout holds {reader.MarkerBytes} bytes");
                return true;
            }
            catch (LayerRefusedException refused)
            {
                // A damaged tar refuses again and again at the same place: there is no next entry.
                if (before is not null && before.Rule == refused.Rule && before.TarOffset == refused.TarOffset)
                    return false;
                before = refused;
                findings.Add(refused);
            }
        }
    }

    private static void CheckBase(LayerNames names, CollectingFindings findings)
    {
        // Real base layers bring no Hives: Windows makes them of Files\Windows\System32\config when it processes the layer.
        if (names.Find(LayerRoots.FilesPath) is not { IsDirectory: true })
            findings.Report(LintRules.NoFiles, default, "the layer has no parents, but lacks Files");
        if (names.Find(LayerRoots.UtilityVmPath) is not null && names.Find(BootFiles.Manager) is null)
            findings.Report(LintRules.UtilityVmBoot, default, "the Utility VM has no boot manager");
    }

    /// <summary>The linter needs the names of a Utility VM alone.</summary>
    private sealed class UnchangedUtilityVm : IUtilityVmTarget
    {
        internal static UnchangedUtilityVm Instance { get; } = new();

        public void Start(LayerEntry? entry)
        {
        }

        public void Inherit(ILayerTree parent, VolumeNode node)
        {
        }

        public void Started()
        {
        }

        public void Imply(LayerPath directory)
        {
        }

        public void Apply(LayerEntry entry, EntryStep step)
        {
        }

        public void Remove(LayerPath path)
        {
        }
    }
}
