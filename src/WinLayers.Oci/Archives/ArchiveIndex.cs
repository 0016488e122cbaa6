using WinLayers.Formats;
using WinLayers.Formats.Tar;

namespace WinLayers.Oci.Archives;

/// <summary>Where in an archive each file's bytes are. Names are compared letter by letter; nothing is ever extracted under them.</summary>
internal sealed class ArchiveIndex
{
    private const int MaxEntries = 100_000;
    private const int MaxLinkChain = 8;

    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly string _archive;

    private ArchiveIndex(string archive) => _archive = archive;

    /// <summary>Reads all headers of a plain tar; bodies are passed over.</summary>
    internal static ArchiveIndex Read(string archive, Stream tar)
    {
        ArchiveIndex index = new(archive);
        try
        {
            using TarMemberReader reader = new(tar, new LayerLimits { Entries = MaxEntries });
            while (reader.MoveNext())
                index.Add(reader.Current, reader.Position);
        }
        catch (LayerRefusedException e)
        {
            throw e.At(layer: $"'{archive}'");
        }

        return index;
    }

    internal bool Contains(string name) => _members.ContainsKey(name);

    /// <summary>Where the bytes of a file are, links followed inside the archive.</summary>
    /// <exception cref="ArchiveException">It is not there, not a file, there twice, or its links lead nowhere.</exception>
    internal (long Offset, long Size) Locate(string name)
    {
        string current = Normalize(name, folder: "");
        for (int i = 0; i < MaxLinkChain; i++)
        {
            if (!_members.TryGetValue(current, out Member member))
                throw Malformed(i == 0 ? $"it has no '{name}'" : $"'{name}' leads to '{current}', which is not there");
            if (member.IsAmbiguous)
                throw Malformed($"it has '{current}' more than once");
            if (member.Link is not { } link)
                return member.IsFile ? (member.Offset, member.Size) : throw Malformed($"'{current}' is no file");
            current = link;
        }

        throw Malformed($"the links of '{name}' go round in a circle");
    }

    private void Add(TarMember member, long bodyOffset)
    {
        string name = Normalize(member.Name, folder: "");
        string? link = member.Type switch
        {
            TarTypes.HardLink => Normalize(member.LinkName, folder: ""),
            TarTypes.SymbolicLink => Normalize(member.LinkName, FolderOf(name)),
            _ => null,
        };
        bool isFirst = _members.TryAdd(name, new Member(bodyOffset, member.Size, link, member.IsFile, IsAmbiguous: false));
        if (!isFirst && !member.IsDirectory)
            _members[name] = _members[name] with { IsAmbiguous = true };
    }

    private string Normalize(string name, string folder)
    {
        List<string> parts = [.. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string part in name.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                throw Malformed($"'{name}' leads out of the archive");
        }

        return string.Join('/', parts);
    }

    private static string FolderOf(string name) => name.LastIndexOf('/') is >= 0 and var cut ? name[..cut] : "";

    private ArchiveException Malformed(string problem) => new(ArchiveFailure.Malformed, _archive, problem);

    private readonly record struct Member(long Offset, long Size, string? Link, bool IsFile, bool IsAmbiguous);
}
