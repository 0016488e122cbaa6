using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Windows.Errors;
using WinLayers.Windows.Interop;
using WinLayers.Writing;

namespace WinLayers.Windows.Volumes;

/// <summary>
/// A layer's folder held open. Everything below it is opened relative to this handle, never through a reparse point, so that
/// nothing planted on the way leads outside; the path of the folder itself is used once.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class NtfsFolder : IDisposable
{
    private readonly SafeFileHandle _root;
    private string? _finalPath;

    internal NtfsFolder(string location)
    {
        Location = Path.GetFullPath(location);
        _root = Kernel32.Open(Location, NtOpen.GenericRead);
    }

    internal string Location { get; }

    public void Dispose() => _root.Dispose();

    /// <summary>Opens what has to be there.</summary>
    /// <exception cref="LayerRefusedException">A reparse point or a file is on the way, or what is to be made is there.</exception>
    /// <exception cref="FileNotFoundException">Nothing stands there.</exception>
    internal SafeFileHandle Open(LayerPath path, NtOpen how)
    {
        int status = TryOpen(path.Value, how, out SafeFileHandle file);
        if (status >= 0)
            return file;
        file.Dispose();
        throw Refusal(path, status) ?? Failure(path.Value, status);
    }

    /// <summary>Opens what may be there; null where nothing is, or where a file or reparse point is on the way.</summary>
    internal SafeFileHandle? OpenIfThere(LayerPath path, NtOpen how)
    {
        int status = TryOpen(path.Value, how, out SafeFileHandle file);
        if (status >= 0)
            return file;
        file.Dispose();
        return status is NtStatus.NameNotFound or NtStatus.PathNotFound or NtStatus.NotADirectory or NtStatus.ReparsePointEncountered
            ? null
            : throw Failure(path.Value, status);
    }

    /// <summary>Opens by a path as the folder has it, which may hold names that no layer may.</summary>
    internal int TryOpen(string relative, NtOpen how, out SafeFileHandle file)
    {
        if (relative.Length > 0)
            return NtDll.TryOpen(_root, relative, how, out file);

        // The folder itself: its path was given by the caller, not by a layer.
        file = Kernel32.Open(Location, how.Access);
        return 0;
    }

    /// <summary>The path as the folder spells it.</summary>
    internal LayerPath Spelling(LayerPath path, SafeFileHandle file)
    {
        _finalPath ??= Kernel32.GetFinalPath(_root, Location)?.TrimEnd('\\') + '\\';
        string? full = Kernel32.GetFinalPath(file, path.Value);
        if (full is null || !full.StartsWith(_finalPath, StringComparison.OrdinalIgnoreCase))
            return path;

        // A file with several names may be shown by another one.
        LayerPath spelled = LayerPath.FromValue(full[_finalPath.Length..]);
        return spelled == path ? spelled : path;
    }

    internal HostCallException Failure(string relative, int status) =>
        NtDll.Failed("NtCreateFile", status, Path.Join(Location, relative));

    private Exception? Refusal(LayerPath path, int status) => status switch
    {
        NtStatus.NameCollision => new LayerRefusedException(LayerRules.Duplicate, $"'{path}' is there already"),
        NtStatus.ReparsePointEncountered =>
            new LayerRefusedException(LayerRules.ThroughReparsePoint, $"a reparse point is on the way to '{path}'"),
        NtStatus.NotADirectory => FileOnTheWay(path),
        NtStatus.PathNotFound when HasFileOnTheWay(path) => FileOnTheWay(path),
        NtStatus.NameNotFound or NtStatus.PathNotFound => new FileNotFoundException($"'{path}' is not in '{Location}'.", path.Value),
        _ => null,
    };

    private static LayerRefusedException FileOnTheWay(LayerPath path) =>
        new(LayerRules.NotADirectory, $"a file is on the way to '{path}'");

    // Windows says the same of a file on the way and of nothing there.
    private bool HasFileOnTheWay(LayerPath path)
    {
        for (LayerPath above = path.Parent; !above.IsRoot; above = above.Parent)
        {
            int status = TryOpen(above.Value, new NtOpen(NtOpen.ReadAttributes), out SafeFileHandle file);
            using (file)
            {
                if (status >= 0)
                    return !((FileAttributes)Kernel32.GetBasicInformation(file, above.Value).Attributes).HasFlag(FileAttributes.Directory);
            }
        }

        return false;
    }
}
