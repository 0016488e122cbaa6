using System.Globalization;
using System.Text;
using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>Damaged tars, and records that abuse what PAX allows.</summary>
internal static class HostileTars
{
    private const int MiB = 1 << 20;

    private static LayerTar Tar => LayerTar.New().Directory("Files");

    public static IEnumerable<LayerCase> All() => [.. Damage(), .. Cuts(), .. Sizes(), .. Types(), .. Records(), .. Caps()];

    private static IEnumerable<LayerCase> Damage()
    {
        yield return LayerCase.Refused("WCL2102", "wrong checksum", Tar.Add(new TarSpec { Name = "Files/a", ChecksumError = 1 }));
        yield return LayerCase.Refused("WCL2102", "wrong checksum, high", Tar.Add(new TarSpec { Name = "Files/a", ChecksumError = -256 }));
        yield return LayerCase.Refused("WCL2102", "text in the place of a header", Tar.Raw(Encoding.ASCII.GetBytes(new string('x', 512))));
        yield return LayerCase.Refused("WCL2104", "entry after one zero block", Tar.Raw(new byte[512]).File("Files/evil", "evil"));
        yield return LayerCase.Refused("WCL2105", "two extended headers",
            Tar.Add(Header('x', "6 a=b\n")).File("Files/a", "", Pax.Attributes(0)));
        yield return LayerCase.Refused("WCL2105", "two long names",
            Tar.Add(Header('L', "Files/b\0")).Add(new TarSpec { Name = "Files/a", GnuLongName = "Files/b" }));
        yield return LayerCase.Refused("WCL2105", "two long link names",
            Tar.Add(Header('K', "Files/b\0")).Add(new TarSpec { Name = "Files/a", Type = '1', GnuLongLink = "Files/b" }));
        yield return LayerCase.Refused("WCL2105", "PAX and GNU name it differently",
            Tar.Add(new TarSpec { Name = "Files/a", GnuLongName = "Files/b", Pax = [("path", "Files/c")] }));
        yield return LayerCase.Refused("WCL2105", "PAX and GNU link it differently",
            Tar.Add(new TarSpec { Name = "Files/a", Type = '1', GnuLongLink = "Files/keep.txt", Pax = [("linkpath", "Files/b")] }));
        yield return LayerCase.Refused("WCL2105", "global header behind an extended header",
            Tar.Add(Header('x', "6 a=b\n")).Global(("mtime", "1")).File("Files/a"));
        yield return LayerCase.Refused("WCL2105", "global header behind a long name",
            Tar.Add(Header('L', "Files/b\0")).Global(("mtime", "1")).File("Files/a"));
        yield return LayerCase.Refused("WCL2105", "global header behind a long link name",
            Tar.Add(Header('K', "Files/b\0")).Global(("mtime", "1")).HardLink("Files/a", "Files/keep.txt"), isDiff: true);
        yield return LayerCase.Refused("WCL2105", "end after an extended header", Tar.Add(Header('x', "6 a=b\n")));
        yield return LayerCase.Refused("WCL2105", "end after a long name", Tar.Add(Header('L', "Files/b\0")));
    }

    private static IEnumerable<LayerCase> Cuts()
    {
        byte[] whole = Tar.File("Files/a", new string('a', 700), ("mtime", "1.5"), ("comment", new string('c', 600)))
            .Add(new TarSpec { Name = "x", GnuLongName = "Files/" + new string('n', 200), Body = new byte[10] }).ToUnfinished();
        // Members end at 512, 4096 and 6656: there a tar may end.
        foreach (int length in Enumerable.Range(3, (whole.Length / 171) - 2).Select(i => i * 171).Append(whole.Length - 1).Append(1023)
            .Append(1025).Distinct())
            yield return LayerCase.Refused("WCL2101", $"cut to {length} bytes", whole[..length], isDiff: length % 2 == 0);
        yield return LayerCase.Refused("WCL2101", "cut in the first zero block", [.. whole, .. new byte[100]]);
        yield return LayerCase.Refused("WCL2101", "cut in the second zero block", [.. whole, .. new byte[600]]);
    }

    private static IEnumerable<LayerCase> Sizes()
    {
        LayerTar Sized(string field) => Tar.Add(new TarSpec { Name = "Files/a", SizeField = Encoding.ASCII.GetBytes(field) });
        yield return LayerCase.Refused("WCL2103", "size that is no number", Sized("0000000000x\0"));
        yield return LayerCase.Refused("WCL2103", "size in decimal", Sized("00000000009\0"));
        yield return LayerCase.Refused("WCL2103", "size with a hole", Sized("00 00000003\0"));
        yield return LayerCase.Refused("WCL2103", "size with a sign", Sized("-0000000003\0"));
        yield return LayerCase.Refused("WCL2103", "negative size", Tar.Add(new TarSpec { Name = "Files/a", Size = -1 }));
        yield return LayerCase.Refused("WCL2103", "least size", Tar.Add(new TarSpec { Name = "Files/a", Size = long.MinValue }));
        yield return LayerCase.Refused("WCL2103", "largest size",
            Tar.Add(new TarSpec { Name = "Files/a", Base256 = true, Size = long.MaxValue }));
        yield return LayerCase.Refused("WCL2103", "size over 64 bits",
            Tar.Add(new TarSpec { Name = "Files/a", SizeField = [0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] }));
        yield return LayerCase.Refused("WCL2103", "time that is no number",
            Tar.Add(new TarSpec { Name = "Files/a", TimeField = "yesterday\0\0\0"u8.ToArray() }));
        yield return LayerCase.Refused("WCL2101", "size of a terabyte",
            Tar.Add(new TarSpec { Name = "Files/a", Base256 = true, Size = 1L << 40 }));
        yield return LayerCase.Refused("WCL2101", "size of eight exabytes",
            Tar.Add(new TarSpec { Name = "Files/a", Base256 = true, Size = long.MaxValue - 1024 }));
        yield return LayerCase.Refused("WCL2101", "PAX size over the body", Tar.File("Files/a", "abc", ("size", "1000000")));
        yield return LayerCase.Refused("WCL2102", "PAX size under the body", Tar.File("Files/a", new string('a', 600), ("size", "3")));
        yield return LayerCase.Refused("WCL2102", "size of zero over a body",
            Tar.Add(new TarSpec { Name = "Files/a", Size = 0, Body = Encoding.ASCII.GetBytes(new string('a', 600)) }));
        foreach (string size in new[] { "three", "-3", "+3", "3 ", "0x3", "9223372036854775807", "99999999999999999999999", "3\03" })
            yield return LayerCase.Refused("WCL2114", $"PAX size '{size.Replace('\0', '?')}'", Tar.File("Files/a", "abc", ("size", size)));
        yield return LayerCase.Refused("WCL2120", "directory with a body", Tar.File("Files/a/", "body"));
        yield return LayerCase.Refused("WCL2120", "file that says it is a directory", Tar.File("Files/a", "", Pax.Attributes(0x10)));
    }

    private static IEnumerable<LayerCase> Types()
    {
        foreach (char type in "346VMXNIAD\u0001\u00ff")
            yield return LayerCase.Refused("WCL2106", $"type 0x{(int)type:x2}", Tar.Add(new TarSpec { Name = "Files/a", Type = type }),
                isDiff: type % 2 == 0);
        yield return LayerCase.Refused("WCL2107", "GNU sparse, old format",
            Tar.Add(new TarSpec { Name = "Files/a", Type = 'S', Magic = "ustar  \0" }));
        yield return LayerCase.Refused("WCL2107", "GNU sparse 0.0",
            Tar.File("Files/a", "", ("GNU.sparse.size", "10"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.offset", "0"),
            ("GNU.sparse.numbytes", "1")));
        yield return LayerCase.Refused("WCL2107", "GNU sparse 0.1",
            Tar.File("Files/a", "", ("GNU.sparse.size", "10"), ("GNU.sparse.map", "0,1")));
        yield return LayerCase.Refused("WCL2107", "GNU sparse 1.0",
            Tar.File("Files/GNUSparseFile.1/a", "", ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "../../evil"), ("GNU.sparse.realsize", "1")));
        yield return LayerCase.Refused("WCL2107", "GNU sparse for every entry", Tar.Global(("GNU.sparse.size", "10")).File("Files/a"));
    }

    private static IEnumerable<LayerCase> Records()
    {
        foreach (string bytes in new[] { "x", "6 a=b", "5 a=b\n", "7 a=b\n", "6  a=b\n", "-6 a=b\n", "6a=b\n", "5 =b\n", "4 a\n",
            "0 a=b\n", "99999999999999999999 a=b\n", "2147483648 a=b\n", "4294967302 a=b\n", "8 a\0b=c\n" })
            yield return LayerCase.Refused("WCL2111", $"PAX record '{bytes.Replace('\n', '|').Replace('\0', '?')}'",
                Tar.Add(new TarSpec { Name = "Files/a", RawPax = Encoding.ASCII.GetBytes(bytes) }));
        foreach (string key in new[] { "path", "linkpath", "size" })
            yield return LayerCase.Refused("WCL2112", $"{key} for every entry",
                Tar.Global((key, key == "size" ? "1" : "Files/evil")).File("Files/a"));
        yield return LayerCase.Refused("WCL2001", "path twice, the later climbs",
            Tar.File("Files/a", "", ("path", "Files/ok"), ("path", "../evil")));
        foreach (string time in new[] { "today", "1.5e3", "--1", "1,5", "0x10", "1.2.3", "", "-", ".", "NaN" })
        {
            if (time.Length > 0)
                yield return LayerCase.Refused("WCL2113", $"time '{time}'", Tar.File("Files/a", "", ("mtime", time)));
        }

        foreach (string bits in new[] { "abc", "-1", "+1", "0x20", "4294967296", "1 2", " ", "99999999999999999999" })
            yield return LayerCase.Refused("WCL2115", $"attributes '{bits}'", Tar.File("Files/a", "", ("MSWINDOWS.fileattr", bits)));
        foreach (string key in new[] { "rawsd", "xattr.A", "eas", "reparse" })
        {
            foreach (string text in new[] { "!!!", "AQAE=", "A", "AAAA====", "AA\0A" })
                yield return LayerCase.Refused("WCL2116", $"MSWINDOWS.{key} '{text.Replace('\0', '?')}'",
                    Tar.File("Files/a", "", ("MSWINDOWS." + key, text)));
        }

        yield return LayerCase.Refused("WCL2115", "attributes of half a million digits",
            Tar.File("Files/a", "", ("MSWINDOWS.fileattr", new string('9', 500_000))));
        yield return LayerCase.Refused("WCL2113", "time of half a million characters",
            Tar.File("Files/a", "", ("mtime", new string('-', 500_000))));
        yield return LayerCase.Refused("WCL2114", "size that paints the terminal",
            Tar.File("Files/a", "", ("size", "\u001b[31m\r\nwinlayers: done")));
        yield return LayerCase.Refused("WCL2200", "security descriptor cut short", Tar.File("Files/a", "", Pax.Security([1, 0, 4, 0x80])));
        yield return LayerCase.Refused("WCL2200", "security descriptor of another revision",
            Tar.File("Files/a", "", Pax.Security([9, 0, 4, 0x80, .. new byte[16]])));
        yield return LayerCase.Refused("WCL2200", "security descriptor with offsets outside",
            Tar.File("Files/a", "", Pax.Security([1, 0, 4, 0x80, 0xff, 0xff, 0xff, 0x7f, .. new byte[12]])));
        yield return LayerCase.Refused("WCL2202", "SDDL that is none", Tar.File("Files/a", "", Pax.Sddl("O:BAG:BAD:(A;;FA;;;")));
        yield return LayerCase.Refused("WCL2210", "extended attributes with a loop",
            Tar.File("Files/a", "", Pax.ExtendedAttributeList([1, 0, 0, 0, 0, 1, 0, 0, 65, 0, 0, 0])));
        yield return LayerCase.Refused("WCL2220", "reparse buffer cut short", Tar.File("Files/a", "", Pax.Reparse([1, 2, 3])));
        yield return LayerCase.Refused("WCL2220", "reparse buffer whose length lies",
            Tar.File("Files/a", "", Pax.Reparse([0x0c, 0, 0, 0xa0, 0xff, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])));
        yield return LayerCase.Refused("WCL2220", "reparse buffer whose names lie outside",
            Tar.File("Files/a", "", Pax.Reparse([0x0c, 0, 0, 0xa0, 12, 0, 0, 0, 0xf0, 0xff, 0xf0, 0xff, 0, 0, 0, 0, 1, 0, 0, 0])));
    }

    // One over each cap; one under and the cap itself are in the benign corpus.
    private static IEnumerable<LayerCase> Caps()
    {
        yield return LayerCase.Refused("WCL2110", "extended header over its cap",
            Tar.Add(new TarSpec { Name = "Files/a", RawPax = Comment(MiB + 1) }));
        yield return LayerCase.Refused("WCL2110", "extended header of four gigabytes", Tar.Add(Header('x', "", 1L << 32)));
        yield return LayerCase.Refused("WCL2110", "long name over its cap", Tar.Add(Header('L', "", MiB + 1)));
        yield return LayerCase.Refused("WCL2110", "long link name of eight exabytes", Tar.Add(Header('K', "", long.MaxValue - 1024)));
        yield return LayerCase.Refused("WCL2110", "global headers over the cap together",
            Tar.Global(("comment", new string('g', 600_000))).Global(("comment", new string('h', 600_000))).File("Files/a"));
        foreach ((string what, (string Key, string Value) record) in new[]
        {
            ("extended attribute", Pax.ExtendedAttribute("A", new byte[60_000])), ("security descriptor", Pax.Security(Descriptor(60_000))),
            ("list of extended attributes", Pax.ExtendedAttributeList(AttributeList(60_000))),
                ("reparse buffer", Pax.Reparse(Reparse(16 << 10))),
        })
        {
            LayerTar tar = Tar.Global(record);
            for (int i = 0; i <= (64 * MiB) / record.Value.Length; i++)
                tar.File(string.Create(CultureInfo.InvariantCulture, $"Files/{i}"));
            yield return LayerCase.Refused("WCL2117", $"{what} of a global header in too many entries", tar);
        }

        yield return LayerCase.Refused("WCL2201", "security descriptor over its cap",
            Tar.File("Files/a", "", Pax.Security(Descriptor((64 << 10) + 1))));
        yield return LayerCase.Refused("WCL2211", "extended attribute over its cap",
            Tar.File("Files/a", "", Pax.ExtendedAttribute("A", new byte[64 << 10])));
        yield return LayerCase.Refused("WCL2221", "reparse buffer over its cap",
            Tar.File("Files/a", "", Pax.Reparse(Reparse((16 << 10) + 1))));
        yield return LayerCase.Refused("WCL2221", "symbolic link over the reparse cap",
            Tar.SymbolicLink("Files/a", string.Concat(Enumerable.Repeat("/target", 1200))));
    }

    /// <summary>An extended header of exactly this many bytes.</summary>
    public static byte[] Comment(int bytes)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"{bytes} comment=");
        return Encoding.ASCII.GetBytes(start + new string('c', bytes - start.Length - 1) + "\n");
    }

    /// <summary>A security descriptor of exactly this many bytes: a DACL without entries, and nothing after it.</summary>
    public static byte[] Descriptor(int bytes)
    {
        byte[] descriptor = new byte[bytes];
        descriptor[0] = 1;
        BitConverter.TryWriteBytes(descriptor.AsSpan(2), (ushort)0x8004);
        BitConverter.TryWriteBytes(descriptor.AsSpan(16), 20);
        descriptor[20] = 2;
        BitConverter.TryWriteBytes(descriptor.AsSpan(22), (ushort)8);
        return descriptor;
    }

    /// <summary>A list of one extended attribute, of exactly this many bytes.</summary>
    public static byte[] AttributeList(int bytes)
    {
        byte[] list = new byte[bytes];
        list[5] = 1;
        BitConverter.TryWriteBytes(list.AsSpan(6), (ushort)(bytes - 10));
        list[8] = (byte)'A';
        return list;
    }

    /// <summary>A reparse buffer of exactly this many bytes, of a tag that says nothing about its contents.</summary>
    public static byte[] Reparse(int bytes)
    {
        byte[] buffer = new byte[bytes];
        BitConverter.TryWriteBytes(buffer, 0x8000001Bu);
        BitConverter.TryWriteBytes(buffer.AsSpan(4), (ushort)(bytes - 8));
        return buffer;
    }

    private static TarSpec Header(char type, string body, long? size = null) =>
        new() { Name = "header", Type = type, Body = Encoding.ASCII.GetBytes(body), Base256 = size is not null, Size = size };
}
