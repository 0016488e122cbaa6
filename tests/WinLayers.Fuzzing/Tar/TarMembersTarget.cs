using System.Globalization;
using System.Text;

namespace WinLayers.Fuzzing.Tar;

/// <summary>
/// Tars made of a short script, so that every mutation hits something: members between <c>|</c>, each
/// <c>type;name;link name;prefix;magic;time;body;record;record;…</c>. Headers are laid out right, whatever their fields say.
/// </summary>
internal sealed class TarMembersTarget : FuzzTarget
{
    private static readonly string[] Magics = ["ustar\000", "ustar  \0", "\0\0\0\0\0\0\0\0"];

    public override string Name => "tar-members";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            "5;Files;;;0;;;MSWINDOWS.fileattr=16;mtime=1.5|0;Files/a;;;0;;text;MSWINDOWS.fileattr=32;MSWINDOWS.sd=O:BAG:SY|0;Files/a:s;;;0;;stream|1;Files/b;Files/a;;0;;",
            "2;Files/l;C:\\Windows;;0;;;MSWINDOWS.fileattr=1040;MSWINDOWS.mountpoint=1|2;Files/m;a/b;;0;;|0;Files/.wh.x;;;0;;|0;Files/d/.wh..wh..opq;;;0;;",
            "L;x;;;1;;Files/long|K;x;;;1;;Files/a|1;cut;cut;;1;00000000007;|0;n;;Files/p;0;;|5;./;;;0;;|g;x;;;0;;17 " +
                "comment=hello\n|\0;Files/d/;;;2;;",
            "0;Files/e;;;0;;x;MSWINDOWS.xattr.FOO=YmFy;MSWINDOWS.xattr.A=;atime=-1;ctime=2;LIBARCHIVE.creationtime=3|0;Files/r;;;0;;;MSWINDOWS.reparse=FwAAgAQAAAABAgME|0;Files/q;;;0;;;MSWINDOWS.eas=AAAAAAADAwBGT08AYmFyAA==",
            "g;x;;;0;;26 MSWINDOWS.xattr.A=Zm9v\n38 " +
                "MSWINDOWS.reparse=FwAAgAQAAAABAgME\n|0;Files/1;;;0;;|0;Files/2;;;0;;;MSWINDOWS.xattr.B=Zm9v|5;Files/3/3/3;;;0;;",
            "0;Files/u;;;0;;;path=Files/v;MSWINDOWS.rawsd=AQAAgBQAAAAkAAAAAAAAAAAAAAABAgAAAAAABSAAAAAgAgAAAQEAAAAAAAUSAAAA|7;Files/c;;;0;;abc;size=3",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. TarTarget.Keywords.Concat(
            ["|", ";", ";;", "|0;Files/a;;;0;;", ":s", "|0;Files/a:t;;;0;;x", "|5;Files/d/;;;0;;", ";GNU.sparse.major=1", "|S;x;;;1;;",
            "|3;x;;;0;;", "|g;x;;;0;;10 mtime=1\n", "|x;x;;;0;;6 a=b\n", "|L;x;;;1;;Files/b", "/d/d/d/d"]).Select(Encoding.UTF8.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        MemoryStream tar = new();
        foreach (Range member in input.Split((byte)'|'))
            Append(tar, input[member]);
        tar.Write(new byte[1024]);
        TarTarget.ReadAndCopy(tar.ToArray());
    }

    private static void Append(MemoryStream tar, ReadOnlySpan<byte> member)
    {
        List<byte[]> fields = [];
        foreach (Range field in member.Split((byte)';'))
            fields.Add(member[field].ToArray());
        byte[] Field(int index) => index < fields.Count ? fields[index] : [];
        if (fields.Count > 7)
        {
            MemoryStream records = new();
            foreach (byte[] record in fields.Skip(7))
                records.Write(Record(record));
            tar.Write(Header((byte)'x', [], [], [], magic: 0, [], (int)records.Length));
            Padded(tar, records.ToArray());
        }

        byte[] body = Field(6);
        byte type = Field(0).FirstOrDefault();
        tar.Write(Header(type, Field(1), Field(2), Field(3), Field(4).FirstOrDefault(), Field(5), body.Length));
        if (type is < (byte)'1' or > (byte)'6')
            Padded(tar, body);
    }

    private static void Padded(MemoryStream tar, byte[] body)
    {
        tar.Write(body);
        tar.Write(new byte[-body.Length & 511]);
    }

    private static byte[] Record(byte[] text)
    {
        int length = text.Length + 2;
        while (length != text.Length + 2 + length.ToString(CultureInfo.InvariantCulture).Length)
            length++;
        return [.. Encoding.ASCII.GetBytes($"{length} "), .. text, (byte)'\n'];
    }

    private static byte[] Header(byte type, byte[] name, byte[] linkName, byte[] prefix, byte magic, byte[] time, int size)
    {
        byte[] header = new byte[512];
        name.AsSpan(0, Math.Min(100, name.Length)).CopyTo(header);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        time.AsSpan(0, Math.Min(12, time.Length)).CopyTo(header.AsSpan(136));
        header[156] = type;
        linkName.AsSpan(0, Math.Min(100, linkName.Length)).CopyTo(header.AsSpan(157));
        Encoding.ASCII.GetBytes(Magics[magic % Magics.Length]).CopyTo(header, 257);
        prefix.AsSpan(0, Math.Min(155, prefix.Length)).CopyTo(header.AsSpan(345));
        TarMending.Seal(header);
        return header;
    }
}
