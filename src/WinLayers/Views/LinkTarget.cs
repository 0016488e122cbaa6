using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Text;

namespace WinLayers.Views;

/// <summary>
/// Where a symbolic link or mount point of a layer leads inside an extracted tree. The result goes up through real folders alone, then
/// down; and every name on the way down is a file, a folder, or a link made by the same rule: so none leads out of the tree.
/// </summary>
/// <param name="view">The layers: a target is spelled as what stands there.</param>
/// <param name="top">The directory whose contents the tree holds.</param>
internal sealed class LinkTarget(MergedView view, LayerPath top)
{
    /// <summary>The target relative to the link's folder, with slashes; null where there is none in the tree.</summary>
    /// <param name="link">The link's path.</param>
    /// <param name="reparse">The link.</param>
    /// <param name="reason">Why there is none.</param>
    public string? TryResolve(LayerPath link, ReparsePoint reparse, out string reason)
    {
        reason = "it is a reparse point of another kind";
        if (reparse is { IsSymbolicLink: false, IsMountPoint: false })
            return null;
        // Windows follows the substitute name; the print name is for people, and may be missing or say something else.
        string named = reparse.SubstituteName.Length > 0 ? reparse.SubstituteName : reparse.PrintName;
        reason = $"its target is outside: '{named}'";
        if (Start(link, reparse.IsRelative, ref named) is not { } at || !Follow(at, named))
            return null;
        if (TryMakePath(at) is not { } target)
        {
            reason = "its target is no path that NTFS has";
            return null;
        }

        List<string> topParts = ComponentsOf(top);
        if (at.Count < topParts.Count || topParts.Where((part, i) => !NtfsNames.Equal(part, at[i])).Any())
            return null;
        return RelativeTo(link.Parent, ComponentsOf(Respelled(target)));
    }

    // From which directory the name goes on, with what names that directory taken off; null for another volume.
    private static List<string>? Start(LayerPath link, bool isRelative, ref string named)
    {
        if (named.Length == 0)
            return null;
        if (isRelative && !named.StartsWith('\\'))
            return ComponentsOf(link.Parent);
        const string kernelPrefix = @"\??\";
        if (named.StartsWith(kernelPrefix, StringComparison.Ordinal))
            named = named[kernelPrefix.Length..];
        else if (isRelative)
            return Drive(link);
        // The container's only drive is what the layers have in Files.
        bool isDrive = named.Length >= 2 && named[0] is 'C' or 'c' && named[1] == ':' && (named.Length == 2 || named[2] == '\\');
        named = isDrive ? named[2..] : named;
        return isDrive ? Drive(link) : null;
    }

    private static List<string> Drive(LayerPath link) =>
        ComponentsOf(link.IsBelow(LayerRoots.UtilityVmFilesPath) ? LayerRoots.UtilityVmFilesPath : LayerRoots.FilesPath);

    private bool Follow(List<string> at, string named)
    {
        int floor = ComponentsOf(top).Count;
        foreach (string part in named.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part != "..")
                at.Add(part);
            else if (at.Count > floor)
                at.RemoveAt(at.Count - 1);
            else
                return false;
        }

        return true;
    }

    private static LayerPath? TryMakePath(List<string> components)
    {
        try
        {
            // A NUL or a slash in a component would be read as its end by the system.
            return LayerPath.FromValue(string.Join('\\', components));
        }
        catch (LayerRefusedException)
        {
            return null;
        }
    }

    // As far as something stands there; what lies behind another link keeps the spelling that it was given.
    private LayerPath Respelled(LayerPath target)
    {
        for (LayerPath at = target; !at.IsRoot; at = at.Parent)
        {
            if (view.Find(at) is { } standing)
                return LayerPath.FromValue(standing.Path.Value + target.Value[at.Value.Length..]);
        }

        return target;
    }

    private static string RelativeTo(LayerPath folder, List<string> target)
    {
        List<string> from = ComponentsOf(folder);
        int common = 0;
        while (common < Math.Min(from.Count, target.Count) && NtfsNames.Equal(from[common], target[common]))
            common++;
        string path = string.Join('/', Enumerable.Repeat("..", from.Count - common).Concat(target.Skip(common)));
        return path.Length == 0 ? "." : path;
    }

    private static List<string> ComponentsOf(LayerPath path) => path.IsRoot ? [] : [.. path.Value.Split('\\')];
}
