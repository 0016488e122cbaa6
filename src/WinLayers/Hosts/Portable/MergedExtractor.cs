using Microsoft.Win32.SafeHandles;
using WinLayers.Layers;
using WinLayers.Layers.Merging;
using WinLayers.Ntfs;

namespace WinLayers.Hosts.Portable;

/// <summary>How a part of the merged view is written to plain folders.</summary>
public sealed record ExtractOptions
{
    /// <summary>
    /// Make symbolic links for the reparse points that are links, as far as they stay inside the destination. Otherwise, and for all others,
    /// they are left out and reported.
    /// </summary>
    public bool SymbolicLinks { get; init; }

    /// <summary>Replace files that are there already. Otherwise they are a failure.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>Something that could not be written as it is in the layer.</summary>
/// <param name="Path">The path in the layer.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record ExtractOmission(LayerPath Path, string Reason);

/// <summary>What an extraction wrote.</summary>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Omissions">What was left out.</param>
public sealed record ExtractResult(long Files, long Bytes, IReadOnlyList<ExtractOmission> Omissions);

/// <summary>
/// Writes files of the merged view to a folder, with what the system can hold: contents, times, read-only. Everything is made relative to
/// open folders, never through a link, so nothing lands outside whatever the layers or the destination hold.
/// </summary>
public static class MergedExtractor
{
    private const int LongestHostName = 255;

    /// <summary>Writes what is at the path: a file under its name, or a directory's contents.</summary>
    /// <param name="view">The layers.</param>
    /// <param name="path">A file, or a directory such as <c>Files</c>.</param>
    /// <param name="destination">The folder to write to; made where it is not there.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops between two entries; what was written stays.</param>
    /// <exception cref="FileNotFoundException">Nothing is at the path.</exception>
    /// <exception cref="StorageException">The destination cannot be written, or a file is there already.</exception>
    public static ExtractResult Extract(MergedView view, LayerPath path, string destination, ExtractOptions? options = null, CancellationToken cancellationToken = default)
    {
        string root = Path.GetFullPath(destination);
        MergedEntry? only = path.IsRoot ? null : view.Find(path) ?? throw new FileNotFoundException($"Nothing is at '{path}'.", path.Value);
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw StorageException.FromIO(cause, "cannot make the folder", root);
        }

        using HostFolder folder = HostFolder.Open(root);
        Extraction extraction = new(view, only is null or { IsDirectory: true } ? path : path.Parent, options ?? new ExtractOptions(), cancellationToken);
        if (only is { IsDirectory: false })
            extraction.Write(folder, only);
        else
            extraction.WriteChildren(folder, path);
        return extraction.Result;
    }

    private sealed class Extraction(MergedView view, LayerPath top, ExtractOptions options, CancellationToken cancellationToken)
    {
        private readonly List<ExtractOmission> _omissions = [];
        private long _files;
        private long _bytes;

        public ExtractResult Result => new(_files, _bytes, _omissions);

        public void WriteChildren(HostFolder root, LayerPath directory)
        {
            // A folder is closed, and its times set, when all its children are done: they would change them.
            Stack<(HostFolder Folder, FileTimes Times, Queue<MergedEntry> Left)> open = new([(root, default, new(view.Enumerate(directory)))]);
            try
            {
                while (open.TryPeek(out (HostFolder Folder, FileTimes Times, Queue<MergedEntry> Left) current))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!current.Left.TryDequeue(out MergedEntry? entry))
                    {
                        open.Pop();
                        Close(current.Folder, current.Times);
                    }
                    else if (entry is { IsDirectory: true, IsReparsePoint: false } && CanBeNamed(entry))
                    {
                        string name = entry.Path.Name.ToString();
                        current.Folder.TryMakeFolder(name);
                        open.Push((current.Folder.OpenFolder(name), entry.Metadata.Times, new(view.Enumerate(entry.Path))));
                    }
                    else
                    {
                        Write(current.Folder, entry);
                    }
                }
            }
            finally
            {
                foreach ((HostFolder folder, _, _) in open)
                {
                    if (folder != root)
                        folder.Dispose();
                }
            }

            void Close(HostFolder folder, FileTimes times)
            {
                if (folder == root)
                    return;
                folder.SetOwnTimes(times);
                folder.Dispose();
            }
        }

        public void Write(HostFolder folder, MergedEntry entry)
        {
            if (!CanBeNamed(entry))
                return;
            if (entry.IsBroken)
                Omit(entry, $"it is a hard link to '{entry.LinkTarget}', which no layer has");
            else if (entry.Metadata.Reparse is { } reparse)
                WriteLink(folder, entry, reparse);
            else
                WriteFile(folder, entry);
        }

        private void WriteFile(HostFolder folder, MergedEntry entry)
        {
            string name = entry.Path.Name.ToString();
            if (options.Overwrite)
                folder.RemoveFile(name);
            using SafeFileHandle file = folder.TryMakeFile(name)
                ?? throw StorageException.FromIO(new IOException("it is there already"), "cannot write", Path.Combine(folder.Location, name));
            using (OpenContent content = view.OpenContent(entry))
                HostFiles.Copy(content.Data, file, Path.Combine(folder.Location, name));
            folder.SetTimes(file, entry.Metadata.Times);
            if (entry.Metadata.Attributes.HasFlag(FileAttributes.ReadOnly))
                HostFiles.MakeReadOnly(file);
            _files++;
            _bytes += entry.Size;
        }

        private void WriteLink(HostFolder folder, MergedEntry entry, ReparsePoint reparse)
        {
            if (!options.SymbolicLinks)
                Omit(entry, "it is a reparse point");
            else if (HostTargetOf(entry.Path, reparse) is not { } target)
                Omit(entry, $"it leads outside: '{reparse.PrintName}'");
            else if (!folder.TryMakeSymbolicLink(entry.Path.Name.ToString(), target))
                Omit(entry, "the system makes no symbolic link here, or the name is taken");
        }

        // The link's target as a relative path: first up through real directories, then down, so that no link on the way leads out.
        private string? HostTargetOf(LayerPath link, ReparsePoint reparse)
        {
            if (reparse is { IsSymbolicLink: false, IsMountPoint: false })
                return null;
            List<string> at = [.. ComponentsOf(link.Parent)];
            int floor = ComponentsOf(top).Count;
            int start = at.Count;
            string target = reparse.PrintName;
            if (reparse.IsRelative)
            {
                if (target.StartsWith('\\'))
                    return null;
            }
            else if (target.Length >= 3 && target[0] is 'C' or 'c' && target[1] == ':' && target[2] == '\\')
            {
                // The container's only drive is what the layers have in Files.
                target = target[3..];
                at = ["Files"];
            }
            else
            {
                return null;
            }

            foreach (string part in target.Split('\\', StringSplitOptions.RemoveEmptyEntries))
            {
                if (part == ".")
                    continue;
                if (part != "..")
                    at.Add(part);
                else if (at.Count > floor)
                    at.RemoveAt(at.Count - 1);
                else
                    return null;
            }

            List<string> topParts = ComponentsOf(top), linkParts = ComponentsOf(link.Parent);
            if (at.Count < floor || topParts.Where((part, i) => !NtfsNames.Equal(part, at[i])).Any() || at.Any(part => part.Contains('/', StringComparison.Ordinal)))
                return null;
            int common = floor;
            while (common < Math.Min(start, at.Count) && NtfsNames.Equal(at[common], linkParts[common]))
                common++;
            string path = string.Join('/', Enumerable.Repeat("..", start - common).Concat(at.Skip(common)));
            return path.Length == 0 ? "." : path;
        }

        private static List<string> ComponentsOf(LayerPath path) => path.IsRoot ? [] : [.. path.Value.Split('\\')];

        private bool CanBeNamed(MergedEntry entry)
        {
            if (OperatingSystem.IsWindows() || System.Text.Encoding.UTF8.GetByteCount(entry.Path.Name) <= LongestHostName)
                return true;
            Omit(entry, $"its name has more than {LongestHostName} bytes here");
            return false;
        }

        private void Omit(MergedEntry entry, string reason) => _omissions.Add(new ExtractOmission(entry.Path, reason));
    }
}
