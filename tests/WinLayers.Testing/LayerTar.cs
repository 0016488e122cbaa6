using System.Buffers;
using System.Globalization;
using System.Text;

namespace WinLayers.Testing;

/// <summary>
/// Builds layer tars in memory, header by header and without the library's own writer, so that a test can hold reader and writer to
/// something else than each other.
/// </summary>
/// <example><c>LayerTar.New().Directory("Files").File("Files/a.txt", "text", Pax.Attributes(0x20)).Stream("Files/a.txt", "s",
/// "x").Open()</c></example>
public sealed class LayerTar
{
    private readonly ArrayBufferWriter<byte> _tar = new();

    private LayerTar()
    {
    }

    /// <summary>How many bytes there are so far: where the next member starts.</summary>
    public long Length => _tar.WrittenCount;

    public static LayerTar New() => new();

    public LayerTar Directory(string name, params (string Key, string Value)[] pax) =>
        Add(new TarSpec { Name = name, Type = '5', Pax = pax });

    public LayerTar File(string name, string text = "", params (string Key, string Value)[] pax) =>
        File(name, Encoding.UTF8.GetBytes(text), pax);

    public LayerTar File(string name, byte[] body, params (string Key, string Value)[] pax) =>
        Add(new TarSpec { Name = name, Body = body, Pax = pax });

    public LayerTar HardLink(string name, string target, params (string Key, string Value)[] pax) =>
        Add(new TarSpec { Name = name, Type = '1', LinkName = target, Pax = pax });

    public LayerTar SymbolicLink(string name, string target, params (string Key, string Value)[] pax) =>
        Add(new TarSpec { Name = name, Type = '2', LinkName = target, Pax = pax });

    /// <summary>A mount point, with the directory attributes that it has in real layers.</summary>
    public LayerTar MountPoint(string name, string target) => SymbolicLink(name, target, Pax.Attributes(0x410), Pax.MountPoint);

    /// <summary>An alternate stream; right after its file or directory to be one.</summary>
    public LayerTar Stream(string fileName, string streamName, string text = "") => File($"{fileName}:{streamName}", text);

    /// <summary>The removal of this path.</summary>
    public LayerTar Whiteout(string path) => File(path.Insert(path.LastIndexOf('/') + 1, ".wh."));

    /// <summary>The mark that this directory hides everything below it in the parents.</summary>
    public LayerTar Opaque(string directory) => File($"{directory}/.wh..wh..opq");

    /// <summary>A global extended header.</summary>
    public LayerTar Global(params (string Key, string Value)[] pax) =>
        Add(new TarSpec { Name = "pax_global_header", Type = 'g', Body = TarSpec.PaxBytes(pax) });

    /// <summary>
    /// A member as specified. A name or target with no room in the header gets a PAX record, unless it has a GNU one or the prefix.
    /// </summary>
    public LayerTar Add(TarSpec member)
    {
        if (Encoding.UTF8.GetByteCount(member.Name) > 100)
            member = member with { Name = "long", Pax = [.. member.Pax, ("path", member.Name)] };
        if (Encoding.UTF8.GetByteCount(member.LinkName) > 100)
            member = member with { LinkName = "long", Pax = [.. member.Pax, ("linkpath", member.LinkName)] };
        member.WriteTo(_tar);
        return this;
    }

    /// <summary>Bytes as they are.</summary>
    public LayerTar Raw(ReadOnlySpan<byte> bytes)
    {
        _tar.Write(bytes);
        return this;
    }

    /// <summary>The tar so far, without an end.</summary>
    public byte[] ToUnfinished() => _tar.WrittenSpan.ToArray();

    /// <summary>The tar with its two zero blocks.</summary>
    public byte[] ToArray() => [.. _tar.WrittenSpan, .. new byte[1024]];

    /// <summary>The tar with its two zero blocks, to read.</summary>
    public MemoryStream Open() => new(ToArray(), writable: false);
}

/// <summary>PAX records of Windows layers.</summary>
public static class Pax
{
    public static (string Key, string Value) MountPoint => ("MSWINDOWS.mountpoint", "1");

    public static (string Key, string Value) Attributes(uint bits) => ("MSWINDOWS.fileattr", bits.ToString(CultureInfo.InvariantCulture));

    public static (string Key, string Value) Security(byte[] descriptor) => ("MSWINDOWS.rawsd", Convert.ToBase64String(descriptor));

    public static (string Key, string Value) Sddl(string text) => ("MSWINDOWS.sd", text);

    public static (string Key, string Value) ExtendedAttribute(string name, byte[] value) =>
        ($"MSWINDOWS.xattr.{name}", Convert.ToBase64String(value));

    public static (string Key, string Value) ExtendedAttributeList(byte[] list) => ("MSWINDOWS.eas", Convert.ToBase64String(list));

    public static (string Key, string Value) Reparse(byte[] buffer) => ("MSWINDOWS.reparse", Convert.ToBase64String(buffer));

    public static (string Key, string Value) Created(string time) => ("LIBARCHIVE.creationtime", time);

    public static (string Key, string Value) Written(string time) => ("mtime", time);

    public static (string Key, string Value) Accessed(string time) => ("atime", time);

    public static (string Key, string Value) Changed(string time) => ("ctime", time);
}
