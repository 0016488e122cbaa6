using System.IO.Compression;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Layers that look odd and are right, as real tools write them, with what they hold.</summary>
internal static class BenignLayers
{
    private const int MiB = 1 << 20;

    private static readonly string Long = string.Join('/', Enumerable.Repeat(new string('d', 60), 5));

    private static LayerTar Tar => LayerTar.New().Directory("Files");

    public static IEnumerable<LayerCase> All() => [.. Names(), .. Formats(), .. Metadata(), .. Caps(), .. Blobs(), .. Bases(), .. Diffs()];

    private static IEnumerable<LayerCase> Names()
    {
        yield return LayerCase.Passes("./ in front", "Files/ Files/a=1",
            LayerTar.New().Directory("./").Directory("./Files").File("./Files/a", "1"));
        yield return LayerCase.Passes(". as the root", "Files/ Files/a=1",
            LayerTar.New().Directory(".").Directory("Files").File("Files/a", "1"));
        yield return LayerCase.Passes("././ in front", "Files/ Files/a=1", LayerTar.New().File("././Files/a", "1"));
        yield return LayerCase.Passes(". in the middle", "Files/ Files/a=1", Tar.File("Files/./a", "1"));
        yield return LayerCase.Passes("doubled slashes", "Files/ Files/d/ Files/d/a=1", Tar.File("Files//d///a", "1"));
        yield return LayerCase.Passes("trailing slashes", "Files/ Files/d/ Files/d/a=1",
            LayerTar.New().Directory("Files/").Directory("Files/d//").File("Files/d/a", "1"));
        yield return LayerCase.Passes("missing parents", "Files/ Files/x/ Files/x/y/ Files/x/y/z=1",
            LayerTar.New().File("Files/x/y/z", "1"));
        yield return LayerCase.Passes("parents after their children", "Files/ Files/x/ Files/x/y=1",
            LayerTar.New().File("Files/x/y", "1").Directory("Files/x").Directory("Files"));
        yield return LayerCase.Passes("parent after its children in another case", "Files/ Files/x/ Files/x/y=1",
            LayerTar.New().File("Files/x/y", "1").Directory("FILES/X"));
        yield return LayerCase.Passes("roots in another case", "Files/ Files/a=1 Hives/ Hives/h=2",
            LayerTar.New().Directory("FILES").File("files/a", "1").Directory("hives").File("hives/h", "2"));
        foreach (string name in new[] { "CON", "nul.txt", "COM1", "aux", "LPT9.log", "PRN", "CONIN$" })
            yield return LayerCase.Passes($"reserved name {name}", $"Files/ Files/{name}=1", Tar.File($"Files/{name}", "1"));
        foreach (string name in new[] { "dot.", "dots...", "space ", " front", "...", ".hidden", "a. .", "~", "-rf", "%PATH%",
            "$Recycle.Bin", "a;b&c", "'quoted'", "(1)", "[x]", "{x}", "tab", "é", "e\u0301", "日本語", "\U0001F600", "ſ", "ı", "\u200e",
            "\u00a0", "\u2028", "\u2029", "a\u202eb", "\U000E0001", "\U0001D173",
            "%2e%2e", "\u2024\u2024" })
            yield return LayerCase.Passes($"name '{name}'", $"Files/ Files/{name}=1", Tar.File($"Files/{name}", "1"));
        yield return LayerCase.Passes("composed and decomposed", "Files/ Files/e\u0301=2 Files/é=1",
            Tar.File("Files/é", "1").File("Files/e\u0301", "2"));
        yield return LayerCase.Passes("sharp s is no ss", "Files/ Files/SS=2 Files/ß=1", Tar.File("Files/ß", "1").File("Files/SS", "2"));
        yield return LayerCase.Passes("Turkish i is no i", "Files/ Files/i=1 Files/ı=2", Tar.File("Files/i", "1").File("Files/ı", "2"));
        yield return LayerCase.Passes("name of 255 units", $"Files/ Files/{new string('n', 255)}=1",
            Tar.File($"Files/{new string('n', 255)}", "1"));
        yield return LayerCase.Passes("name of 255 units, 765 bytes", $"Files/ Files/{new string('語', 255)}=1",
            Tar.File($"Files/{new string('語', 255)}", "1"));
        yield return LayerCase.Passes("deep path",
            $"Files/ {string.Join(' ', Enumerable.Range(1, 5).Select(n => $"Files/{string.Join('/', Enumerable.Repeat(new string('d', 60), n))}/"))} Files/{Long}/f=1", LayerTar.New().File($"Files/{Long}/f", "1"));
        yield return LayerCase.Passes("deepest path",
            $"Files/ {string.Join(' ', Enumerable.Range(1, 1022).Select(n => "Files" + string.Concat(Enumerable.Repeat("/d", n)) + "/"))} Files{string.Concat(Enumerable.Repeat("/d", 1022))}/f=1", LayerTar.New().File($"Files{string.Concat(Enumerable.Repeat("/d", 1022))}/f", "1"));
        yield return LayerCase.Passes("files of the store's own names", "Files/ layer.json=1 layer.jsonl=2 streams/ streams/x=3",
            Tar.File("layer.json", "1").File("layer.jsonl", "2").File("streams/x", "3"));
        yield return LayerCase.Passes("other roots", "Other/ Other/a=1 b=2",
            LayerTar.New().Directory("Other").File("Other/a", "1").File("b", "2"));
        yield return LayerCase.Passes("whiteout's prefix inside a name", "Files/ Files/a.wh.b=1 Files/x.wh./ Files/x.wh./y=2",
            Tar.File("Files/a.wh.b", "1").File("Files/x.wh./y", "2"));
    }

    private static IEnumerable<LayerCase> Formats()
    {
        string name = $"Files/{Long}";
        yield return LayerCase.Passes("GNU long name", "Files/ Files/other=1",
            Tar.Add(new TarSpec { Name = "Files/x", GnuLongName = "Files/other", Magic = "ustar  \0", Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("GNU long link name", "Files/ Files/a=1 Files/l=1",
            Tar.File("Files/a", "1")
            .Add(new TarSpec { Name = "Files/l", Type = '1', LinkName = "x", GnuLongLink = "Files/a", Magic = "ustar  \0" }));
        yield return LayerCase.Passes("GNU and PAX names that agree", "Files/ Files/other=1",
            Tar.Add(new TarSpec { Name = "x", GnuLongName = "Files/other", Pax = [("path", "Files/other")], Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("ustar prefix", $"Files/ Files/{new string('p', 100)}/ Files/{new string('p', 100)}/a=1",
            Tar.Add(new TarSpec { Name = "a", Prefix = $"Files/{new string('p', 100)}", Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("old V7 header", "Files/ Files/a=1",
            Tar.Add(new TarSpec { Name = "Files/a", Type = '\0', Magic = "\0\0\0\0\0\0\0\0", Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("V7 directory by its slash", "Files/ Files/d/",
            LayerTar.New().Add(new TarSpec { Name = "Files/", Type = '\0', Magic = "\0\0\0\0\0\0\0\0" })
            .Add(new TarSpec { Name = "Files/d/" }));
        yield return LayerCase.Passes("contiguous file", "Files/ Files/a=1",
            Tar.Add(new TarSpec { Name = "Files/a", Type = '7', Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("base-256 size", "Files/ Files/a=12345",
            Tar.Add(new TarSpec { Name = "Files/a", Base256 = true, Body = "12345"u8.ToArray() }));
        yield return LayerCase.Passes("size in front of spaces", "Files/ Files/a=12345",
            Tar.Add(new TarSpec { Name = "Files/a", SizeField = "5           "u8.ToArray(), Body = "12345"u8.ToArray() }));
        yield return LayerCase.Passes("size behind spaces", "Files/ Files/a=12345",
            Tar.Add(new TarSpec { Name = "Files/a", SizeField = "          5\0"u8.ToArray(), Body = "12345"u8.ToArray() }));
        yield return LayerCase.Passes("PAX size over the header's", "Files/ Files/a=12345",
            Tar.Add(new TarSpec { Name = "Files/a", Size = 0, Pax = [("size", "5")], Body = "12345"u8.ToArray() }));
        yield return LayerCase.Passes("size of a directory and a link", "Files/ Files/d/ Files/l=keep Files/keep=keep",
            LayerTar.New().Add(new TarSpec { Name = "Files", Type = '5', Size = 4096 }).Directory("Files/d").File("Files/keep", "keep")
            .Add(new TarSpec { Name = "Files/l", Type = '1', LinkName = "Files/keep", Size = 4 })) with
        {
            Shown =
            "Files/ Files/d/ Files/keep=keep Files/l=keep"
        };
        yield return LayerCase.Passes("checksum of signed bytes", "Files/ Files/é=1",
            Tar.Add(new TarSpec { Name = "Files/é", SignedChecksum = true, Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("all dialects mixed", "Files/ Files/1=a Files/2=b Files/3=c Files/4=d", Tar
            .Add(new TarSpec { Name = "Files/1", Type = '\0', Magic = "\0\0\0\0\0\0\0\0", Body = "a"u8.ToArray() })
                .Add(new TarSpec { Name = "Files/2", Body = "b"u8.ToArray() })
            .File("Files/3", "c", ("mtime", "1.5"))
                .Add(new TarSpec { Name = "x", GnuLongName = "Files/4", Magic = "ustar  \0", Body = "d"u8.ToArray() }));
        yield return LayerCase.Passes("global header", "Files/ Files/a=1",
            LayerTar.New().Global(("comment", "made by hand"), ("mtime", "1")).Directory("Files").File("Files/a", "1"));
        yield return LayerCase.Passes("two global headers", "Files/ Files/a=1",
            LayerTar.New().Global(("comment", "1")).Directory("Files").Global(("comment", "2")).File("Files/a", "1"));
        yield return LayerCase.Passes("unknown PAX records", "Files/ Files/a=1",
            Tar.File("Files/a", "1", ("SCHILY.xattr.user.x", "y"), ("hdrcharset", "ISO-IR 10646 2000 UTF-8"), ("MSWINDOWS.unheard", "of")));
        yield return LayerCase.Passes("PAX record twice", "Files/ Files/last=1",
            Tar.File("x", "1", ("path", "Files/first"), ("path", "Files/last")));
        yield return LayerCase.Passes("empty PAX values", "Files/ Files/a=1",
            Tar.File("Files/a", "1", ("path", ""), ("size", ""), ("mtime", "")));
        yield return LayerCase.Passes("path of a PAX record",
            $"Files/ {string.Join(' ', Enumerable.Range(1, 5).Select(n => $"Files/{string.Join('/', Enumerable.Repeat(new string('d', 60), n))}/"))}", LayerTar.New().Directory(name));
        yield return LayerCase.Passes("no end blocks", "Files/ Files/a=1", Tar.File("Files/a", "1").ToUnfinished());
        yield return LayerCase.Passes("one end block", "Files/ Files/a=1", [.. Tar.File("Files/a", "1").ToUnfinished(), .. new byte[512]]);
        yield return LayerCase.Passes("end blocks of GNU's 20 records", "Files/ Files/a=1",
            [.. Tar.File("Files/a", "1").ToArray(), .. new byte[10_240]]);
        yield return LayerCase.Passes("end that is no multiple of a block", "Files/ Files/a=1",
            [.. Tar.File("Files/a", "1").ToArray(), .. new byte[100]]);
        yield return LayerCase.Passes("bytes behind the end", "Files/ Files/a=1",
            [.. Tar.File("Files/a", "1").ToArray(), .. "signature"u8]);
        yield return LayerCase.Passes("empty layer", "", LayerTar.New());
        yield return LayerCase.Passes("empty layer of many blocks", "", new byte[10_240]);
    }

    private static IEnumerable<LayerCase> Metadata()
    {
        foreach (string time in new[] { "0", "-1", "-0.5", "-11644473600", "1700000000.123456789123456789", "1.", "0.0000001",
            "253402300799" })
            yield return LayerCase.Passes($"time {time}", "Files/ Files/a=1",
                Tar.File("Files/a", "1", ("mtime", time), ("LIBARCHIVE.creationtime", time)));
        yield return LayerCase.Passes("Go's zero time", "Files/ Files/a=1",
            Tar.File("Files/a", "1", ("mtime", "-62135596800"), ("atime", "-62135596800"), ("ctime", "-62135596800")));
        yield return LayerCase.Passes("negative time in the header", "Files/ Files/a=1",
            Tar.Add(new TarSpec { Name = "Files/a", Time = -86_400, Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("time over eleven octal digits", "Files/ Files/a=1",
            Tar.Add(new TarSpec { Name = "Files/a", TimeField = [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0], Body = "1"u8.ToArray() }));
        yield return LayerCase.Passes("read-only, hidden, system", "Files/ Files/a=1", Tar.File("Files/a", "1", Pax.Attributes(0x27)));
        yield return LayerCase.Passes("every attribute bit but the directory's", "Files/ Files/a=1",
            Tar.File("Files/a", "1", Pax.Attributes(0xFFFF_FBEF)));
        yield return LayerCase.Passes("both security descriptors", "Files/ Files/a=1",
            Tar.File("Files/a", "1", Pax.Security(HostileTars.Descriptor(28)), Pax.Sddl("O:BA")));
        yield return LayerCase.Passes("streams", "Files/ Files/a=1:Zone.Identifier=[Z]:two=2 Files/d/:on a directory=3", Tar
            .File("Files/a", "1").Stream("Files/a", "Zone.Identifier", "[Z]").Stream("Files/a", "two:$DATA", "2").Directory("Files/d/")
                .Stream("Files/d", "on a directory", "3"));
        yield return LayerCase.Passes("stream of a respelled file", "Files/ Files/a=1:s=2",
            Tar.File("Files/a", "1").Stream("./files/A", "s", "2"));
        yield return LayerCase.Passes("empty files and streams", "Files/ Files/a=:s=", Tar.File("Files/a").Stream("Files/a", "s"));
        yield return LayerCase.Passes("symbolic links that lead anywhere", "Files/ Files/1@= Files/2@= Files/3@= Files/4@=", Tar
            .SymbolicLink("Files/1", "/etc/passwd").SymbolicLink("Files/2", "..\\..\\..\\..").SymbolicLink("Files/3", "\\\\?\\C:\\Windows")
                .SymbolicLink("Files/4", "\\\\server\\share"));
        yield return LayerCase.Passes("mount point that leads out", "Files/ Files/m/@", Tar.MountPoint("Files/m", "D:\\"));
        yield return LayerCase.Passes("hard link in front of its target", "Files/ Files/a=1 Files/l=1",
            Tar.HardLink("Files/l", "Files/a").File("Files/a", "1"));
        yield return LayerCase.Passes("hard link that looks absolute", "Files/ Files/a=1 Files/l=1",
            Tar.File("Files/a", "1").HardLink("Files/l", "/Files/a"));
        yield return LayerCase.Passes("hard link with ./ and another case", "Files/ Files/a=1 Files/l=1",
            Tar.File("Files/a", "1").HardLink("Files/l", ".//FILES/./A"));
        yield return LayerCase.Passes("hard links to links, backwards", "Files/ Files/1=x Files/2=x Files/3=x",
            Tar.HardLink("Files/1", "Files/2").HardLink("Files/2", "Files/3").File("Files/3", "x"));
        yield return LayerCase.Passes("hard link to a symbolic link", "Files/ Files/l@= Files/s@=",
            Tar.SymbolicLink("Files/s", "x").HardLink("Files/l", "Files/s"));
    }

    // The caps themselves; one more is in the hostile corpus.
    private static IEnumerable<LayerCase> Caps()
    {
        foreach (int less in new[] { 0, 1 })
        {
            yield return LayerCase.Passes($"extended header {less} under its cap", "Files/ Files/a=",
                Tar.Add(new TarSpec { Name = "Files/a", RawPax = HostileTars.Comment(MiB - less) }));
            yield return LayerCase.Passes($"security descriptor {less} under its cap", "Files/ Files/a=",
                Tar.File("Files/a", "", Pax.Security(HostileTars.Descriptor((64 << 10) - less))));
            yield return LayerCase.Passes($"reparse buffer {less} under its cap", "Files/ Files/a@=",
                Tar.File("Files/a", "", Pax.Reparse(HostileTars.Reparse((16 << 10) - less))));
        }

        yield return LayerCase.Passes("extended attributes under their cap", "Files/ Files/a=",
            Tar.File("Files/a", "", Pax.ExtendedAttribute("A", new byte[65_000])));
    }

    private static IEnumerable<LayerCase> Blobs()
    {
        LayerCase Blob(string name, Func<byte[], byte[]> make)
        {
            byte[] tar = Tar.File("Files/a", name).ToArray();
            return new LayerCase(name, tar, make(tar)) { Shown = $"Files/ Files/a={name}" };
        }

        yield return Blob("plain tar", tar => tar);
        yield return Blob("gzip members", tar => [.. TestBytes.Compress(tar[..700]), .. TestBytes.Compress(tar[700..])]);
        yield return Blob("gzip with empty members",
            tar => [.. TestBytes.Compress([]), .. TestBytes.Compress(tar), .. TestBytes.Compress([])]);
        yield return Blob("gzip that stores", tar => TestBytes.Compress(tar, CompressionLevel.NoCompression));
        yield return Blob("gzip with a name and a comment",
            tar => [0x1f, 0x8b, 8, 0x18, 0, 0, 0, 0, 0, 3, .. "layer.tar\0by hand\0"u8, .. TestBytes.Compress(tar)[10..]]);
        yield return Blob("gzip with an extra field",
            tar => [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 4, 0, .. "abcd"u8, .. TestBytes.Compress(tar)[10..]]);
        yield return Blob("Zstandard", Zstd.Raw);
        yield return Blob("Zstandard frames", tar => [.. Zstd.Raw(tar[..700]), .. Zstd.Raw(tar[700..])]);
        yield return Blob("Zstandard and skippable frames",
            tar => [0x5f, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2, .. Zstd.Raw(tar), 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
        yield return Blob("Zstandard with an empty frame", tar => [.. Zstd.Raw([]), .. Zstd.Raw(tar)]);
        yield return Blob("Zstandard with the largest window", tar => Zstd.Windowed(windowLog: 27, tar));
    }

    private static IEnumerable<LayerCase> Bases()
    {
        yield return LayerCase.Passes(".NET SDK's base", "Files/ Files/app/ Files/app/app.dll=x Hives/", LayerTar.New()
            .Directory("Files/", Pax.Attributes(0x10)).Directory("Hives/", Pax.Attributes(0x10))
                .Directory("Files/app/", Pax.Attributes(0x10)).File("Files/app/app.dll", "x", Pax.Attributes(0x20)));
        yield return LayerCase.Passes("everything at once",
            "Files/ Files/a=1 Hives/ Hives/System_Base=r UtilityVM/ UtilityVM/Files/ UtilityVM/Files/EFI/ UtilityVM/Files/EFI/b=2",
            LayerTar.New()
            .Directory("Files").File("Files/a", "1").Directory("Hives").File("Hives/System_Base", "r").Directory("UtilityVM")
                .Directory("UtilityVM/Files").File("UtilityVM/Files/EFI/b", "2"));
    }

    private static IEnumerable<LayerCase> Diffs()
    {
        const string rest = "Files/dir/ Files/dir/inner.txt=inner Files/keep.txt=keep Files/mount/@ Hives/ Hives/System_Base=regf";
        const string vm = "UtilityVM/ UtilityVM/Files/ UtilityVM/Files/vm.txt=vm UtilityVM/Files/vmmount/@";
        LayerCase Diff(string name, string shown, LayerTar tar) => LayerCase.Passes(name, shown, tar, isDiff: true);

        yield return Diff("empty diff", $"Files/ Files/Gone.txt=gone {rest} {vm}", LayerTar.New());
        yield return Diff("whiteouts alone", $"Files/ {rest} {vm}", LayerTar.New().Whiteout("Files/Gone.txt"));
        yield return Diff("whiteout in another case", $"Files/ {rest} {vm}", LayerTar.New().Whiteout("FILES/gone.TXT"));
        yield return Diff("whiteout of nothing", $"Files/ Files/Gone.txt=gone {rest} {vm}",
            LayerTar.New().Whiteout("Files/never.txt").Whiteout("Files/no/such/folder"));
        yield return Diff("whiteout twice", $"Files/ {rest} {vm}", LayerTar.New().Whiteout("Files/Gone.txt").Whiteout("Files/gone.txt"));
        yield return Diff("opaque directory",
            $"Files/ Files/Gone.txt=gone Files/dir/ Files/dir/new=1 Files/keep.txt=keep Files/mount/@ Hives/ Hives/System_Base=regf {vm}",
            LayerTar.New().Directory("Files/dir").Opaque("Files/dir").File("Files/dir/new", "1"));
        yield return Diff("opaque root of the files", $"Files/ Files/new=1 Hives/ Hives/System_Base=regf {vm}",
            LayerTar.New().Opaque("Files").File("Files/new", "1"));
        yield return Diff("file over a file in another case", $"Files/ Files/GONE.TXT=new {rest} {vm}",
            LayerTar.New().File("Files/GONE.TXT", "new"));
        yield return Diff("directory over a file", $"Files/ Files/Gone.txt/ Files/Gone.txt/x=1 {rest} {vm}",
            LayerTar.New().Directory("Files/Gone.txt").File("Files/Gone.txt/x", "1"));
        yield return Diff("file over a directory",
            $"Files/ Files/Gone.txt=gone Files/dir=flat Files/keep.txt=keep Files/mount/@ Hives/ Hives/System_Base=regf {vm}",
            LayerTar.New().File("Files/dir", "flat"));
        yield return Diff("link into the base in another case",
            "Files/ Files/Gone.txt=gone Files/dir/ Files/dir/inner.txt=inner Files/keep.txt=keep Files/l=keep " +
                $"Files/mount/@ Hives/ Hives/System_Base=regf {vm}", LayerTar.New().HardLink("Files/l", "FILES/KEEP.TXT"));
        yield return Diff("link to what is removed",
            "Files/ Files/dir/ Files/dir/inner.txt=inner Files/keep.txt=keep Files/l=gone " +
                $"Files/mount/@ Hives/ Hives/System_Base=regf {vm}", LayerTar.New().Whiteout("Files/Gone.txt").HardLink("Files/l", "Files/Gone.txt"));
        yield return Diff("buildkit's diff",
            $"Files/ Files/Gone.txt=gone Files/app/ Files/app/bin/ Files/app/bin/x.exe=MZ {rest} Hives/".Replace(
            " Hives/ Hives/System_Base=regf Hives/", " Hives/ Hives/System_Base=regf", StringComparison.Ordinal) + $" {vm}", LayerTar.New()
            .Directory("Hives/").Directory("Files/").Directory("Files/app/").Directory("Files/app/bin/").File("Files/app/bin/x.exe", "MZ"));
        yield return Diff("diff with ./ and missing parents",
            "Files/ Files/Gone.txt=gone Files/dir/ Files/dir/deep/ Files/dir/deep/x=1 Files/dir/inner.txt=inner Files/keep.txt=keep " +
                $"Files/mount/@ Hives/ Hives/System_Base=regf {vm}", LayerTar.New().File("./Files/dir/deep/x", "1"));
        yield return Diff("hive delta",
            $"Files/ Files/Gone.txt=gone {rest} Hives/System_Delta=d {vm}".Replace("Hives/System_Base=regf Hives/System_Delta=d",
            "Hives/System_Base=regf Hives/System_Delta=d", StringComparison.Ordinal),
            LayerTar.New().Directory("Hives").File("Hives/System_Delta", "d"));
        yield return Diff("Utility VM's change",
            $"Files/ Files/Gone.txt=gone {rest} UtilityVM/ UtilityVM/Files/ UtilityVM/Files/l=new UtilityVM/Files/new.txt=new UtilityVM/Files/vmmount/@", LayerTar.New()
            .Directory("UtilityVM").Directory("UtilityVM/Files").Whiteout("UtilityVM/Files/VM.txt").File("UtilityVM/Files/new.txt", "new")
                .HardLink("UtilityVM/Files/l", "UtilityVM/Files/new.txt"));
    }
}
