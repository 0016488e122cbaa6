using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Formats.Text;
using WinLayers.Writing;

namespace WinLayers.Linting;

/// <summary>What can be told of an entry by itself, and nothing is refused for.</summary>
internal sealed class EntryLint(ILayerFindings findings, bool isBase)
{
    private const int MaxNameBytes = 255;
    private const long LastTicks = 2_650_467_743_999_999_999; // 9999-12-31

    // Everything that winnt.h names; 0x40000 stands for two.
    private const FileAttributes Known = unchecked((FileAttributes)0x005F_FFF7);

    // Set by other means than with the times: sparse, compressed, encrypted, integrity.
    private const FileAttributes NotSettable =
        FileAttributes.SparseFile | FileAttributes.Compressed | FileAttributes.Encrypted | FileAttributes.IntegrityStream;

    private long _withoutSecurity;
    private EntryPlace _firstWithoutSecurity;

    internal void Check(LayerEntry entry)
    {
        var place = EntryPlace.Of(entry);
        CheckRoot(entry, place);
        CheckName(entry, place);
        if (entry.Kind is not (LayerEntryKind.File or LayerEntryKind.Directory))
            return;
        CheckTimes(entry.Metadata.Times, place);
        CheckAttributes(entry.Metadata, place);
        if (entry.Path.Area is LayerArea.Hives)
            CheckHive(entry, place);
        if (entry.Metadata.Security is null && entry.Path.Area is LayerArea.Files && _withoutSecurity++ == 0)
            _firstWithoutSecurity = place;
    }

    /// <summary>Tells what was counted.</summary>
    internal void Complete()
    {
        if (_withoutSecurity > 0)
            findings.Report(LintRules.NoSecurity, _firstWithoutSecurity,
                _withoutSecurity == 1 ? "it has no security descriptor"
                : $"it and {_withoutSecurity - 1} more below Files have no security descriptor");
    }

    private void CheckRoot(LayerEntry entry, EntryPlace place)
    {
        ReadOnlySpan<char> path = entry.Path.Value;
        int end = path.IndexOf('\\');
        ReadOnlySpan<char> root = end < 0 ? path : path[..end];
        string? right = LayerRoots.NameOf(entry.Path.Area);
        if (right is null)
            findings.Report(LintRules.UnknownRoot, place, $"'{root}' is none of the roots that Windows knows");
        else if (!root.SequenceEqual(right))
            findings.Report(LintRules.RootCase, place, $"'{root}' is spelled '{right}' elsewhere");
    }

    private void CheckName(LayerEntry entry, EntryPlace place)
    {
        ReadOnlySpan<char> name = entry.Path.Name;
        if (name.Length > 0 && name[^1] is '.' or ' ')
            findings.Report(LintRules.TrailingDotOrSpace, place, $"'{name}' ends in {(name[^1] == '.' ? "a dot" : "a space")}");
        if (IsDevice(name))
            findings.Report(LintRules.DeviceName, place, $"'{name}' is the name of a device");
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > MaxNameBytes)
            findings.Report(LintRules.LongName, place, $"the name has {bytes} bytes in UTF-8");
    }

    private static bool IsDevice(ReadOnlySpan<char> name)
    {
        int end = name.IndexOf('.');
        ReadOnlySpan<char> stem = (end < 0 ? name : name[..end]).TrimEnd(' ');
        return stem.Length switch
        {
            3 => NtfsNames.Equal(stem, "CON") || NtfsNames.Equal(stem, "PRN") || NtfsNames.Equal(stem, "AUX")
                || NtfsNames.Equal(stem, "NUL"),
            4 => (NtfsNames.Equal(stem[..3], "COM") || NtfsNames.Equal(stem[..3], "LPT"))
                && stem[3] is (>= '1' and <= '9') or '¹' or '²' or '³',
            6 => NtfsNames.Equal(stem, "CONIN$"),
            7 => NtfsNames.Equal(stem, "CONOUT$"),
            _ => false,
        };
    }

    private void CheckTimes(FileTimes times, EntryPlace place)
    {
        Check("creation", times.Creation);
        Check("access", times.Access);
        Check("write", times.Write);
        Check("change", times.Change);

        void Check(string which, FileTime time)
        {
            if (time.Ticks is <= 0 or > LastTicks)
                findings.Report(LintRules.TimeRange, place, $"the {which} time is {time.Ticks} ticks since 1601");
        }
    }

    private void CheckAttributes(FileMetadata metadata, EntryPlace place)
    {
        FileAttributes attributes = metadata.Attributes;
        if ((attributes & ~Known) is var unknown and not FileAttributes.None)
            findings.Report(LintRules.UnknownAttributes, place, $"the attributes have the unknown bits 0x{(uint)unknown:x}");
        if ((attributes & NotSettable) is var lost and not FileAttributes.None)
            findings.Report(LintRules.LostAttributes, place, $"the attributes say {lost}");
        bool marked = attributes.HasFlag(FileAttributes.ReparsePoint);
        if (marked != metadata.Reparse is not null)
            findings.Report(LintRules.ReparseAttribute, place,
                marked ? "the entry has the reparse attribute, but no reparse data" : "the entry has reparse data, but not the attribute");
        if (metadata.Reparse is { } reparse)
            CheckReparse(reparse, place);
    }

    private void CheckReparse(ReparsePoint reparse, EntryPlace place)
    {
        if (reparse is { IsSymbolicLink: false, IsMountPoint: false })
        {
            findings.Report(LintRules.ReparseTag, place, $"the reparse point has the tag 0x{reparse.Tag:x8}");
            return;
        }

        string name = reparse.SubstituteName;
        string shown = SafeText.Excerpt(name, SafeText.MaxMessage);
        string? problem = name.Length == 0 ? "the name of where it leads is empty"
            : name.Contains('\0', StringComparison.Ordinal) ? $"the name of where it leads, '{shown}', holds a NUL"
            : !reparse.HasNtfsLayout
                ? "its names are not laid out as NTFS wants them: where it leads at the start, then the name for people, " +
                    "each with a NUL after it, and nothing more"
            : reparse.IsMountPoint && name[0] != '\\' ? $"the name of where it leads, '{shown}', does not start with '\\'"
            : null;
        if (problem is not null)
            findings.Report(LintRules.LinkData, place, problem);
    }

    private void CheckHive(LayerEntry entry, EntryPlace place)
    {
        if (entry.Kind is not LayerEntryKind.File)
            return;
        ReadOnlySpan<char> right = isBase ? "_Base" : "_Delta";
        ReadOnlySpan<char> name = entry.Path.Name;
        if (name.Length < right.Length || !NtfsNames.Equal(name[^right.Length..], right))
            findings.Report(LintRules.HiveName, place, $"'{name}' does not end in '{right}'");
        if (!isBase && entry.Content.NextStream() is { } stream)
            findings.Report(LayerRules.HiveStream, place, $"the hive has the stream '{stream.Name}'");
    }
}
