using System.Buffers;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Volumes;

namespace WinLayers.Writing;

/// <summary>What has to be done for an entry, now.</summary>
internal enum EntryStep
{
    /// <summary>Nothing: the entry is refused, needs nothing, or waits for the end.</summary>
    Nothing,

    /// <summary>Make the new file or directory.</summary>
    Create,

    /// <summary>Give the directory that stands there the entry's metadata.</summary>
    Update,

    /// <summary>Remove what stands there, then make the file or directory.</summary>
    Replace,

    /// <summary>Make the link that <see cref="LayerAdmission.Link"/> tells.</summary>
    Link,

    /// <summary>Remove the path.</summary>
    Remove,
}

/// <summary>
/// What a layer may hold: takes its entries in order, keeps their names, and says what to do for each. The writers act on it and the
/// linter listens to it, so that every rule exists once.
/// </summary>
internal abstract class LayerAdmission
{
    private static readonly SearchValues<char> NotOnWindows = SearchValues.Create("<>\"|?*");

    private protected LayerAdmission(ILayerFindings findings, LayerLimits? limits)
    {
        Findings = findings;
        Links = new LinkQueue(findings);
        Placement = new NamePlacement(findings, limits ?? LayerLimits.Default, MayImply);
    }

    /// <summary>The names of the layer so far.</summary>
    internal LayerNames Names => Placement.Names;

    /// <summary>Directories that have to be made before the entry, outermost first. Valid until the next entry.</summary>
    internal IReadOnlyList<LayerPath> ImpliedDirectories => Placement.ImpliedDirectories;

    /// <summary>The link to make, after <see cref="EntryStep.Link"/>.</summary>
    internal PendingLink? Link { get; private protected set; }

    /// <summary>The links that wait for the end, every one after the link that it leads to. Ask after <see cref="Complete"/>.</summary>
    internal IReadOnlyList<PendingLink> PendingLinks => Links.Ordered;

    /// <summary>Whether the layer holds a Utility VM.</summary>
    internal abstract bool HasUtilityVm { get; }

    private protected LinkQueue Links { get; }

    private protected ILayerFindings Findings { get; }

    private protected NamePlacement Placement { get; }

    /// <summary>Takes the next entry.</summary>
    internal EntryStep Admit(LayerEntry entry)
    {
        Placement.StartEntry();
        Link = null;
        var place = EntryPlace.Of(entry);
        if (entry.Path.IsRoot && entry.Kind is not LayerEntryKind.OpaqueDirectory)
        {
            // The tar reader says the same; entries may come from elsewhere.
            if (entry.Kind is not LayerEntryKind.Directory || entry.Metadata.Reparse is not null)
                Findings.Refuse(TarRules.RootEntry, place, "the entry would replace the layer's root");
            return EntryStep.Nothing;
        }

        if (entry.Path.Value.AsSpan().IndexOfAny(NotOnWindows) is >= 0 and int at)
        {
            Findings.Refuse(LayerRules.WindowsCharacter, place, $"the name holds '{entry.Path.Value[at]}'");
            return EntryStep.Nothing;
        }

        return Admit(entry, place);
    }

    /// <summary>Checks what could not be checked before, after the last entry.</summary>
    internal abstract void Complete();

    private protected abstract EntryStep Admit(LayerEntry entry, EntryPlace place);

    private protected virtual bool MayImply(LayerPath directory, EntryPlace place) => true;
}
