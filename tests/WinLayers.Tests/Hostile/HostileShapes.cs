using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>
/// Layers whose entries contradict each other: links, whiteouts, duplicates, the Utility VM, streams, the layer's own root.
/// </summary>
internal static class HostileShapes
{
    private static LayerTar Diff => LayerTar.New().Directory("Files");

    public static IEnumerable<LayerCase> All() => [.. Duplicates(), .. Links(), .. Whiteouts(), .. UtilityVm(), .. Streams(), .. Roots()];

    private static IEnumerable<LayerCase> Duplicates()
    {
        foreach (bool isDiff in new[] { false, true })
        {
            string where = isDiff ? "above the base" : "in the base";
            LayerCase Case(string code, string name, LayerTar tar) => LayerCase.Refused(code, $"{name} {where}", tar, isDiff);

            yield return Case("WCL2301", "file twice", Diff.File("Files/a", "1").File("Files/a", "2"));
            yield return Case("WCL2301", "file twice in other case", Diff.File("Files/ä", "1").File("FILES/Ä", "2"));
            yield return Case("WCL2301", "directory twice", Diff.Directory("Files/d").Directory("Files/D"));
            yield return Case("WCL2301", "file, then directory", Diff.File("Files/a").Directory("Files/A"));
            yield return Case("WCL2301", "directory, then file", Diff.Directory("Files/a").File("Files/A"));
            yield return Case("WCL2301", "file in the place of an implied directory", Diff.File("Files/d/x").File("Files/D"));
            yield return Case("WCL2301", "link in the place of a directory",
                Diff.File("Files/a").Directory("Files/d").HardLink("Files/d", "Files/a"));
            yield return Case("WCL2301", "two links of one name",
                Diff.File("Files/a").HardLink("Files/l", "Files/a").HardLink("Files/L", "Files/a"));
            yield return Case("WCL2301", "file in the place of a reparse point",
                Diff.SymbolicLink("Files/s", "..\\..\\etc").File("Files/S", "evil"));
            yield return Case("WCL2302", "below a file", Diff.File("Files/a").File("Files/a/b"));
            yield return Case("WCL2302", "far below a file", Diff.File("Files/a").Directory("Files/A/b/c"));
            yield return Case("WCL2302", "below a symbolic link to a file",
                Diff.SymbolicLink("Files/s", "/etc").File("Files/s/passwd", "evil"));
            yield return Case("WCL2303", "below a mount point", Diff.MountPoint("Files/m", "C:\\Windows").File("Files/m/evil", "evil"));
            yield return Case("WCL2303", "far below a mount point", Diff.MountPoint("Files/m", "C:\\Windows").Directory("Files/M/x/y"));
            yield return Case("WCL2303", "link below a mount point",
                Diff.File("Files/a").MountPoint("Files/m", "C:\\").HardLink("Files/m/l", "Files/a"));
            yield return Case("WCL2303", "below a directory link",
                Diff.SymbolicLink("Files/s", "..\\..", Pax.Attributes(0x410)).File("Files/s/evil", "evil"));
            yield return Case("WCL2308", "full directory turns into a mount point",
                Diff.File("Files/d/x").MountPoint("Files/d", "C:\\Windows"));
        }

        yield return LayerCase.Refused("WCL2303", "below the base's mount point", Diff.File("Files/mount/evil", "evil"));
        yield return LayerCase.Refused("WCL2303", "link below the base's mount point", Diff.HardLink("Files/MOUNT/evil", "Files/keep.txt"));
        yield return LayerCase.Refused("WCL2307", "marker's name", Diff.File("Files/d.$wcidirs$", "evil"));
        yield return LayerCase.Refused("WCL2307", "marker's name in a folder's", Diff.File("Files/d.$WCIDIRS$/x", "evil"));
        yield return LayerCase.Refused("WCL2307", "tombstones.txt", LayerTar.New().File("tombstones.txt", "\\evil"));
    }

    private static IEnumerable<LayerCase> Links()
    {
        yield return LayerCase.Refused("WCL2310", "link to nothing, base", Diff.HardLink("Files/l", "Files/none"), isDiff: false);
        yield return LayerCase.Refused("WCL2310", "link to nothing, diff", Diff.HardLink("Files/l", "Files/none"));
        yield return LayerCase.Refused("WCL2312", "link to a name of the host, base", Diff.HardLink("Files/l", "/etc/passwd"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2312", "link to a name of the host, diff", Diff.HardLink("Files/l", "/etc/passwd"));
        yield return LayerCase.Refused("WCL2311", "link to a directory, base", Diff.Directory("Files/d").HardLink("Files/l", "Files/d"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2311", "link to a directory, diff", Diff.Directory("Files/d").HardLink("Files/l", "Files/d"));
        yield return LayerCase.Refused("WCL2311", "link to a later directory", Diff.HardLink("Files/l", "Files/d").Directory("Files/d"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2311", "link to a directory below", Diff.HardLink("Files/l", "Files/dir"));
        yield return LayerCase.Refused("WCL2311", "link to a mount point",
            Diff.MountPoint("Files/m", "C:\\").HardLink("Files/l", "Files/m"));
        yield return LayerCase.Refused("WCL2313", "link to itself, base", Diff.HardLink("Files/l", "Files/L"), isDiff: false);
        yield return LayerCase.Refused("WCL2313", "link to itself, diff", Diff.HardLink("Files/l", "Files/L"));
        yield return LayerCase.Refused("WCL2313", "links in a circle, base",
            Diff.HardLink("Files/1", "Files/2").HardLink("Files/2", "Files/3").HardLink("Files/3", "Files/1"), isDiff: false);
        yield return LayerCase.Refused("WCL2313", "links in a circle, diff",
            Diff.HardLink("Files/1", "Files/2").HardLink("Files/2", "Files/1"));
        yield return LayerCase.Refused("WCL2312", "link from Files to Hives", Diff.HardLink("Files/l", "Hives/System_Base"));
        yield return LayerCase.Refused("WCL2312", "link from Hives", Diff.HardLink("Hives/l", "Files/keep.txt"));
        yield return LayerCase.Refused("WCL2312", "link into the Utility VM",
            Diff.Directory("UtilityVM").HardLink("UtilityVM/Files/l", "Files/keep.txt"));
        yield return LayerCase.Refused("WCL2312", "link out of the Utility VM", Diff.HardLink("Files/l", "UtilityVM/Files/vm.txt"));
        yield return LayerCase.Refused("WCL2312", "link in the place of Files", LayerTar.New().HardLink("Files", "Files/keep.txt"));
        yield return LayerCase.Refused("WCL2310", "link to a file that a whiteout removes",
            Diff.File("Files/a").HardLink("Files/l", "Files/a").Whiteout("Files/a").HardLink("Files/m", "Files/a"));
        yield return LayerCase.Refused("WCL2122", "link without a target", Diff.HardLink("Files/l", ""));
        yield return LayerCase.Refused("WCL2122", "link to the root", Diff.HardLink("Files/l", "./"));
    }

    private static IEnumerable<LayerCase> Whiteouts()
    {
        yield return LayerCase.Refused("WCL2320", "whiteout in a base", Diff.Whiteout("Files/a"), isDiff: false);
        yield return LayerCase.Refused("WCL2320", "opaque in a base", Diff.Opaque("Files"), isDiff: false);
        yield return LayerCase.Refused("WCL2321", "whiteout of Files", LayerTar.New().Whiteout("Files"));
        yield return LayerCase.Refused("WCL2321", "whiteout of Hives", LayerTar.New().Whiteout("Hives"));
        yield return LayerCase.Refused("WCL2321", "whiteout of a hive", LayerTar.New().Whiteout("Hives/System_Base"));
        yield return LayerCase.Refused("WCL2321", "whiteout of another root", LayerTar.New().Whiteout("layer.jsonl"));
        yield return LayerCase.Refused("WCL2321", "whiteout of the Utility VM", LayerTar.New().Whiteout("UtilityVM"));
        yield return LayerCase.Refused("WCL2321", "whiteout of the Utility VM's files",
            LayerTar.New().Directory("UtilityVM").Whiteout("UtilityVM/Files"));
        yield return LayerCase.Refused("WCL2321", "opaque hives", LayerTar.New().Opaque("Hives"));
        yield return LayerCase.Refused("WCL2321", "opaque root", LayerTar.New().File(".wh..wh..opq"));
        yield return LayerCase.Refused("WCL2324", "directory that is added and removed", Diff.Directory("Files/d").Whiteout("Files/d"));
        yield return LayerCase.Refused("WCL2324", "implied directory that is removed", Diff.Whiteout("Files/d").File("Files/d/x"));
        yield return LayerCase.Refused("WCL2009", "whiteout of no name", Diff.File("Files/.wh."));
        yield return LayerCase.Refused("WCL2009", "whiteout of the directory itself", Diff.File("Files/.wh.."));
        yield return LayerCase.Refused("WCL2001", "whiteout of the parent", Diff.File("Files/.wh..."));
        yield return LayerCase.Refused("WCL2001", "whiteout of the parent, at the root", LayerTar.New().File(".wh..."));
        yield return LayerCase.Refused("WCL2123", "directory as a whiteout", Diff.Directory("Files/.wh.a"));
        yield return LayerCase.Refused("WCL2123", "symbolic link as a whiteout", Diff.SymbolicLink("Files/.wh.a", "x"));
        yield return LayerCase.Refused("WCL2123", "link as a whiteout", Diff.HardLink("Files/.wh.a", "Files/keep.txt"));
        yield return LayerCase.Refused("WCL2123", "below a whiteout", Diff.File("Files/.wh.a/b"));
        yield return LayerCase.Refused("WCL2123", "AUFS bookkeeping", Diff.File("Files/.wh..wh.plnk"));
        yield return LayerCase.Refused("WCL2005", "stream of a whiteout", Diff.Whiteout("Files/a").File("Files/.wh.a:s"));
    }

    private static IEnumerable<LayerCase> UtilityVm()
    {
        yield return LayerCase.Refused("WCL2330", "Utility VM without its entry", LayerTar.New().File("UtilityVM/Files/x", "evil"));
        yield return LayerCase.Refused("WCL2331", "Utility VM outside its files",
            LayerTar.New().Directory("UtilityVM").File("UtilityVM/SystemTemplate.vhdx", "evil"));
        yield return LayerCase.Refused("WCL2331", "Utility VM as a file", LayerTar.New().File("UtilityVM", "evil"));
        yield return LayerCase.Refused("WCL2331", "Utility VM as a mount point", LayerTar.New().MountPoint("UtilityVM", "C:\\Windows"));
        yield return LayerCase.Refused("WCL2301", "Utility VM twice", LayerTar.New().Directory("UtilityVM").Directory("utilityvm"));
        yield return LayerCase.Refused("WCL2301", "Utility VM's files as a file",
            LayerTar.New().Directory("UtilityVM").File("UtilityVM/Files", "evil"));
        yield return LayerCase.Refused("WCL2301", "Utility VM's files as a mount point",
            LayerTar.New().Directory("UtilityVM").MountPoint("UtilityVM/Files", "C:\\Windows"));
        yield return LayerCase.Refused("WCL2333", "Utility VM, whiteout of nothing",
            LayerTar.New().Directory("UtilityVM").Whiteout("UtilityVM/Files/none"));
        yield return LayerCase.Refused("WCL2303", "Utility VM, below its mount point",
            LayerTar.New().Directory("UtilityVM").File("UtilityVM/Files/vmmount/evil", "evil"));
    }

    private static IEnumerable<LayerCase> Streams()
    {
        yield return LayerCase.Refused("WCL2005", "stream of no file", Diff.File("Files/a:s", "evil"), isDiff: false);
        yield return LayerCase.Refused("WCL2005", "stream of another file", Diff.File("Files/a").File("Files/b").Stream("Files/a", "s"));
        yield return LayerCase.Refused("WCL2005", "stream of the root", LayerTar.New().Directory("./").File(".:s"));
        yield return LayerCase.Refused("WCL2005", "stream of a link", Diff.HardLink("Files/l", "Files/keep.txt").Stream("Files/l", "s"));
        yield return LayerCase.Refused("WCL2124", "stream twice", Diff.File("Files/a").Stream("Files/a", "s").Stream("Files/a", "S"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2124", "stream that is a directory", Diff.File("Files/a").Directory("Files/a:s"));
        yield return LayerCase.Refused("WCL2124", "stream that is a link", Diff.File("Files/a").HardLink("Files/a:s", "Files/keep.txt"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2124", "stream that is a symbolic link",
            Diff.File("Files/a").SymbolicLink("Files/a:s", "/etc/passwd"));
        foreach (string name in new[] { "", ":$DATA", "s:t", "x/y", "..\\x", "../../../evil", "a\\b", new string('s', 256) })
            yield return LayerCase.Refused("WCL2232", $"stream named '{(name.Length > 40 ? "256 times s" : name)}'",
                Diff.File("Files/a").Stream("Files/a", name), isDiff: name.Length % 2 == 0);
    }

    private static IEnumerable<LayerCase> Roots()
    {
        foreach (string name in new[] { ".", "./", "./.", ".//" })
        {
            yield return LayerCase.Refused("WCL2121", $"symbolic link in the place of the root {name}",
                LayerTar.New().SymbolicLink(name, "/etc"));
            yield return LayerCase.Refused("WCL2121", $"hard link in the place of the root {name}",
                LayerTar.New().HardLink(name, "Files/keep.txt"), isDiff: false);
        }

        yield return LayerCase.Refused("WCL2121", "file in the place of the root", LayerTar.New().File(".", "evil"));
        yield return LayerCase.Refused("WCL2109", "entry without a name", LayerTar.New().File("", "evil"));
        yield return LayerCase.Refused("WCL2109", "directory without a name", LayerTar.New().Directory(""));
        yield return LayerCase.Refused("WCL2303", "Files as a mount point",
            LayerTar.New().MountPoint("Files", "C:\\Windows").File("Files/evil", "evil"));
        yield return LayerCase.Refused("WCL2303", "Files as a mount point, base",
            LayerTar.New().MountPoint("Files", "C:\\Windows").File("Files/evil", "evil"), isDiff: false);
        yield return LayerCase.Refused("WCL2302", "Files as a file", LayerTar.New().File("Files", "evil").File("Files/evil", "evil"),
            isDiff: false);
        yield return LayerCase.Refused("WCL2302", "Files as a symbolic link",
            LayerTar.New().SymbolicLink("Files", "/etc").File("Files/passwd", "evil"), isDiff: false);
    }
}
