using System.Buffers;
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
/// What a layer may hold: takes its entries in order, keeps their names, and says what to do for each. The writers act on
/// it and the linter listens to it, so that every rule exists once.
/// </summary>
internal abstract class LayerAdmission(ILayerFindings findings)
{
    private static readonly SearchValues<char> NotOnWindows = SearchValues.Create("<>\"|?*");
    private readonly List<LayerPath> _implied = [];

    /// <summary>The names of the layer so far.</summary>
    internal LayerNames Names { get; } = new();

    /// <summary>Directories that have to be made before the entry, outermost first. Valid until the next entry.</summary>
    internal IReadOnlyList<LayerPath> ImpliedDirectories => _implied;

    /// <summary>The link to make, after <see cref="EntryStep.Link"/>.</summary>
    internal PendingLink? Link { get; private protected set; }

    /// <summary>Whether the layer holds a Utility VM.</summary>
    internal abstract bool HasUtilityVm { get; }

    private protected LinkQueue Links { get; } = new(findings);

    private protected ILayerFindings Findings { get; } = findings;

    /// <summary>Takes the next entry.</summary>
    internal EntryStep Admit(LayerEntry entry)
    {
        _implied.Clear();
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

    /// <summary>The links that wait for the end, every one after the link that it leads to. Ask after <see cref="Complete"/>.</summary>
    internal IReadOnlyList<PendingLink> PendingLinks => Links.Ordered;

    private protected abstract EntryStep Admit(LayerEntry entry, EntryPlace place);

    private protected virtual bool MayImply(LayerPath directory, EntryPlace place) => true;

    /// <summary>Finds the directory that the path lies in, and notes what of it is missing. Null: refused.</summary>
    private protected NameNode? EnterParent(LayerPath path, EntryPlace place)
    {
        LayerPath parent = path.Parent;
        int found = parent.Value.Length;
        NameNode node = Names.FindParent(path) ?? Names.FindDeepest(parent, out found);
        if (node.Kind is NameKind.ReparseDirectory)
        {
            Findings.Refuse(LayerRules.ThroughReparsePoint, place, $"'{node.ToPath()}' is a reparse point");
            return null;
        }

        if (!node.IsDirectory)
        {
            Findings.Refuse(LayerRules.NotADirectory, place, $"'{node.ToPath()}' is a file");
            return null;
        }

        return found == parent.Value.Length ? node : Imply(node, parent, found, place);
    }

    /// <summary>Adds a file or directory whose name is free, or updates an implied directory.</summary>
    private protected EntryStep Place(LayerEntry entry, EntryPlace place)
    {
        if (EnterParent(entry.Path, place) is not { } parent)
            return EntryStep.Nothing;
        NameKind kind = KindOf(entry);
        if (Names.Find(parent, entry.Path.Name) is not { } present)
        {
            Names.Add(parent, entry.Path.Name, kind, NameMarks.None);
            return EntryStep.Create;
        }

        if (!present.Has(NameMarks.Implied) || kind is NameKind.File)
            return RefuseDuplicate(present, place);
        return UpdateDirectory(present, kind, place);
    }

    private protected EntryStep UpdateDirectory(NameNode present, NameKind kind, EntryPlace place)
    {
        if (kind is NameKind.ReparseDirectory && present.HasChildren)
        {
            Findings.Refuse(LayerRules.ReparsePointWithContents, place, $"'{present.ToPath()}' has contents already");
            return EntryStep.Nothing;
        }

        present.Kind = kind;
        present.Marks &= ~(NameMarks.Implied | NameMarks.Inherited);
        return EntryStep.Update;
    }

    private protected EntryStep RefuseDuplicate(NameNode present, EntryPlace place)
    {
        Findings.Refuse(LayerRules.Duplicate, place, $"'{present.ToPath()}' is there already");
        return EntryStep.Nothing;
    }

    private protected static NameKind KindOf(LayerEntry entry) =>
        entry.Kind is not LayerEntryKind.Directory ? NameKind.File
        : entry.Metadata.Reparse is null ? NameKind.Directory
        : NameKind.ReparseDirectory;

    private NameNode? Imply(NameNode node, LayerPath parent, int found, EntryPlace place)
    {
        Findings.Report(LayerRules.MissingParent, place, $"the directory '{parent}' has no entry before it");
        string whole = parent.Value;
        while (found < whole.Length)
        {
            int start = found == 0 ? 0 : found + 1;
            int length = whole.AsSpan(start).IndexOf('\\');
            int end = length < 0 ? whole.Length : start + length;
            LayerPath directory = end == whole.Length ? parent : LayerPath.FromValue(whole[..end]);
            if (!MayImply(directory, place))
                return null;
            _implied.Add(directory);
            node = Names.Add(node, whole.AsSpan(start, end - start), NameKind.Directory, NameMarks.Implied);
            found = end;
        }

        return node;
    }
}
