using System.Text;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Every unsafe name in every place where a tar can have a name.</summary>
internal static class HostileNames
{
    private const string Traversal = "WCL2001";
    private const string Rooted = "WCL2002";
    private const string Control = "WCL2003";
    private const string Backslash = "WCL2004";
    private const string Colon = "WCL2005";
    private const string LongComponent = "WCL2006";
    private const string LongPath = "WCL2007";
    private const string BadEncoding = "WCL2008";
    private const string Deep = "WCL2010";
    private const string WindowsCharacter = "WCL2306";

    private static readonly (string Code, string Name)[] Names =
    [
        (Traversal, "../evil"),
        (Traversal, "../../../../../../../../tmp/evil"),
        (Traversal, "./../evil"),
        (Traversal, "Files/../../evil"),
        (Traversal, "Files/../evil"),
        (Traversal, "Files/../Hives/evil"),
        (Traversal, "Hives/../Files/evil"),
        (Traversal, "UtilityVM/../Files/evil"),
        (Traversal, "UtilityVM/Files/../../Files/evil"),
        (Traversal, "Files/a/..//../..//evil"),
        (Traversal, "Files/./../layer.jsonl"),
        (Colon, "C:/Windows/evil"),
        (Colon, "c:evil"),
        (Colon, "C:\\Windows\\evil"),
        (Colon, "Files/C:/evil"),
        (Colon, "Files/file::$DATA"),
        (Colon, "Files/folder:$I30:$INDEX_ALLOCATION"),
        (Rooted, "\\evil"),
        (Rooted, "\\\\server\\share\\evil"),
        (Rooted, "\\\\?\\C:\\evil"),
        (Rooted, "\\\\.\\PhysicalDrive0"),
        (Rooted, "\\??\\C:\\evil"),
        (Rooted, "\\Device\\HarddiskVolume1\\evil"),
        (Backslash, "Files\\evil"),
        (Backslash, "Files/..\\..\\evil"),
        (Backslash, "Files/a\\b"),
        (Control, "Files/evil\n"),
        (Control, "Files/\u0001"),
        (Control, "Files/a\u001b[31m/b"),
        (Control, "Files/\r/b"),
        (Control, "Files/evil\u007f"),
        (Control, "Files/\u0080/b"),
        (Control, "Files/a\u0085"),
        (Control, "Files/a\u009b31m"),
        (LongComponent, "Files/" + new string('a', 256)),
        (LongComponent, "Files/" + string.Concat(Enumerable.Repeat("\U0001F600", 128))),
        (LongPath, "Files" + string.Concat(Enumerable.Repeat("/" + new string('p', 250), 131))),
        (Deep, "Files" + string.Concat(Enumerable.Repeat("/d", 1024))),
        (Deep, "Files" + string.Concat(Enumerable.Repeat("/d", 16_380))),
    ];

    // A leading slash is the layer's root in a hard link's target, and nothing else.
    private static readonly string[] RootedBySlash = ["/Files/evil", "/etc/passwd", "//server/share/evil", "//?/C:/evil", "//./pipe/evil"];

    private static readonly (string Code, string Name)[] OnlyInRecords =
        [(Control, "Files/a\0b"), (Control, "\0"), (Control, "Files/a\0/../../evil")];

    private static readonly (string What, byte[] Bytes)[] BadText =
    [
        ("lone continuation", [0x80]),
        ("overlong slash", [0xC0, 0xAF]),
        ("overlong dot", [0xE0, 0x80, 0xAE]),
        ("surrogate", [0xED, 0xA0, 0x80]),
        ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]),
        ("cut sequence", [0xE2, 0x82]),
        ("Latin-1", [0xE9]),
    ];

    public static IEnumerable<LayerCase> All()
    {
        foreach ((string code, string name) in Names)
        {
            foreach ((string kind, LayerTar tar) in InEveryPlace(name).Concat(AsTarget(name)))
                yield return LayerCase.Refused(code, $"{kind} {Shown(name)}", tar,
                    isDiff: kind.Length % 2 == 0 || kind is "whiteout" or "opaque");
        }

        foreach (string name in RootedBySlash)
        {
            foreach ((string kind, LayerTar tar) in InEveryPlace(name))
                yield return LayerCase.Refused(Rooted, $"{kind} {name}", tar);
        }

        foreach ((string code, string name) in OnlyInRecords)
        {
            yield return LayerCase.Refused(code, $"pax path {Shown(name)}", LayerTar.New().File("Files/ok", "x", ("path", name)));
            yield return LayerCase.Refused(code, $"pax linkpath {Shown(name)}",
                LayerTar.New().HardLink("Files/ok", "Files/keep.txt", ("linkpath", name)));
        }

        foreach (char c in "<>\"|?*")
        {
            yield return LayerCase.Refused(WindowsCharacter, $"file with {c}", LayerTar.New().File($"Files/a{c}b", "x"));
            yield return LayerCase.Refused(WindowsCharacter, $"directory with {c}", LayerTar.New().Directory($"Files/{c}"), isDiff: false);
            yield return LayerCase.Refused(WindowsCharacter, $"whiteout with {c}", LayerTar.New().Whiteout($"Files/{c}"));
        }

        foreach ((string what, byte[] bytes) in BadText)
        {
            byte[] text = [.. "Files/"u8, .. bytes];
            yield return LayerCase.Refused(BadEncoding, $"name with {what}",
                LayerTar.New().Add(new TarSpec { Name = "", Patches = [(0, text)] }));
            yield return LayerCase.Refused(BadEncoding, $"link target with {what}",
                LayerTar.New().Add(new TarSpec { Name = "Files/l", Type = '1', Patches = [(157, text)] }));
            yield return LayerCase.Refused(BadEncoding, $"pax path with {what}",
                LayerTar.New().Add(new TarSpec { Name = "Files/ok", RawPax = Record("path", text) }));
            yield return LayerCase.Refused(
                BadEncoding, $"pax linkpath with {what}",
                    LayerTar.New()
                    .Add(new TarSpec { Name = "Files/l", Type = '1', LinkName = "Files/keep.txt", RawPax = Record("linkpath", text) }));
        }
    }

    private static IEnumerable<(string Kind, LayerTar Tar)> InEveryPlace(string name)
    {
        yield return ("file", LayerTar.New().Directory("Files").File(name, "evil"));
        yield return ("directory", LayerTar.New().Directory(name + "/"));
        yield return ("hard link", LayerTar.New().HardLink(name, "Files/keep.txt"));
        yield return ("symbolic link", LayerTar.New().SymbolicLink(name, "Windows"));
        yield return ("mount point", LayerTar.New().MountPoint(name, "C:\\Windows"));
        if (!name.StartsWith('\\'))
            yield return ("whiteout", LayerTar.New().File(name.Insert(name.LastIndexOf('/') + 1, ".wh."), ""));
        yield return ("opaque", LayerTar.New().Opaque(name));
        yield return ("pax path", LayerTar.New().File("Files/ok", "evil", ("path", name)));
        yield return ("GNU name", LayerTar.New().Add(new TarSpec { Name = "Files/ok", GnuLongName = name, Body = [1] }));
        yield return ("old tar's file",
            LayerTar.New()
            .Add(new TarSpec
            {
                Name = name.Length > 90 ? "x" : name,
                Type = '\0',
                Magic = "\0\0\0\0\0\0\0\0",
                Pax = name.Length > 90 ? [("path", name)] : []
            }));
    }

    private static IEnumerable<(string Kind, LayerTar Tar)> AsTarget(string name)
    {
        yield return ("link target", LayerTar.New().HardLink("Files/l", name));
        yield return ("pax linkpath", LayerTar.New().HardLink("Files/l", "Files/keep.txt", ("linkpath", name)));
        yield return ("GNU link target",
            LayerTar.New().Add(new TarSpec { Name = "Files/l", Type = '1', LinkName = "Files/keep.txt", GnuLongLink = name }));
    }

    private static byte[] Record(string key, byte[] value)
    {
        int length = key.Length + value.Length + 5;
        return [.. Encoding.ASCII.GetBytes($"{length} {key}="), .. value, (byte)'\n'];
    }

    private static string Shown(string name) =>
        string.Concat(
            (name.Length > 40 ? $"{name[..20]}… ({name.Length})" : name).Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));
}
