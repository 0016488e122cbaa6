using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Ntfs.Security;
using WinLayers.Formats.Tar;
using WinLayers.Hosts;
using WinLayers.Oci.Digests;
using WinLayers.Oci.Disk;
using WinLayers.Portable;
using WinLayers.Views;
using WinLayers.Volumes;

namespace WinLayers.Fuzzing.Hosts;

/// <summary>
/// The <c>layer.jsonl</c> of a folder that somebody hands us, most with an end line that is right: what of it is taken, every use of a
/// layer has to take, or refuse with one of this library's errors.
/// </summary>
internal sealed class LayerIndexTarget : FuzzTarget
{
    private static readonly string Folder = ScratchFolder.Make("layer-index");

    public override string Name => "layer-index";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Written(), Bytes($$"""{{Header}}{"path":"Files","kind":"directory","attributes":16,"creation":1,"access":2,"write":3,"change":4}""" + "\n"), First()];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "\n", "{\"path\":\"Files\\\\a\",\"kind\":\"file\"", "\"kind\":\"link\"", "\"kind\":\"directory\"", "\"kind\":\"removed\"",
                ",\"target\":\"Files\\\\a\"", ",\"from\":\"sha256:", ",\"copy\":true", ",\"stored\":true",
            ",\"streams\":[", "{\"name\":\"s\",\"size\":1,\"sha256\":\"", ",\"sd\":0", "{\"sd\":0,\"value\":\"", ",\"ea\":\"", ",\"ea\":0",
                "{\"ea\":0,\"value\":\"", ",\"reparse\":0", "{\"reparse\":0,\"value\":\"", LayerIndexWriter.FirstFormat,
                ",\"reparse\":\"", ",\"attributes\":16", ",\"size\":-1", ",\"write\":-1", ",\"change\":9223372036854775807",
                "\"target\":null", "\"name\":null", "\"path\":\"\"", "\\ud800", "..", "\\\\", "null", "1e99", "{\"end\":{",
        }.Select(Bytes),
    ];

    private static string Header
    {
        get
        {
            string zeros = $"sha256:{new string('0', 64)}";
            return $$"""{"format":"{{LayerIndexWriter.Format}}","diffId":"{{zeros}}","chainId":"{{zeros}}","digest":"{{zeros}}"}""" + "\n";
        }
    }

    public override void Run(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(Path.Combine(Folder, StoredNames.Index), input.Length % 8 == 0 ? input : Ended(input));
        using PortableTree tree = PortableTree.Open(Folder);
        Use(tree);
        foreach (LayerProblem problem in new PortableVerifier(Folder, [Folder]).Verify(tree.Identity, CancellationToken.None))
            Require(problem.Detail.Length > 0, "a problem says what it is");
    }

    private static void Use(PortableTree tree)
    {
        MergedView view = MergedView.Build([new PortableListing(tree)], CancellationToken.None);
        foreach (MergedEntry entry in view.Walk())
            Require(!entry.Path.IsRoot && entry.Size >= 0, "an entry has a path and a size");
        var ahead = new Stack<LayerPath>([LayerPath.Root]);
        while (ahead.TryPop(out LayerPath directory))
        {
            foreach (VolumeNode node in tree.Enumerate(directory))
            {
                Require(node.Length >= 0 && tree.Find(node.Path) == node, "what is listed is found");
                FileMetadata metadata = tree.ReadMetadata(node.Path);
                Require(metadata.Times is { Creation.Ticks: >= 0, Access.Ticks: >= 0, Write.Ticks: >= 0, Change.Ticks: >= 0 },
                    "times are ones that NTFS has");
                Require(node.IsReparsePoint == metadata.Reparse is not null, "names and entries agree on reparse points");
                if (node is { IsDirectory: true, IsReparsePoint: false })
                    ahead.Push(node.Path);
            }
        }
    }

    private static byte[] Ended(ReadOnlySpan<byte> input)
    {
        byte[] lines = input.Length > 0 && input[^1] == (byte)'\n' ? input.ToArray() : [.. input, (byte)'\n'];
        int count = lines.AsSpan().Count((byte)'\n');
        return [.. lines, .. Bytes($$$"""{"end":{"lines":{{{count}}},"sha256":"{{{Convert.ToHexStringLower(SHA256.HashData(lines))}}}"}}""" + "\n")];
    }

    // As the volume writes it, without its last line, and of a length that gets one.
    private static byte[] Written()
    {
        string folder = Path.Combine(Folder, "seed");
        Directory.CreateDirectory(folder);
        Digest any = Digest.FromHash(new byte[32]);
        using (var volume = new PortableVolume(folder, new LayerIdentity(any, any, any, any)))
        {
            var plain = new FileMetadata
            {
                Security = SecurityDescriptor.FromSddl("O:BAG:SYD:(A;;FA;;;BA)"),
                ExtendedAttributes = ExtendedAttributes.FromItems([new("FOO", "bar"u8.ToArray())])
            };
            volume.CreateDirectory(LayerPath.FromValue("Files"), FileMetadata.DefaultDirectory, EntryContent.None);
            volume.CreateFile(LayerPath.FromValue("Files\\a"), plain, EntryContent.None);
            volume.CreateFile(LayerPath.FromValue("Files\\gone"), plain, EntryContent.None);
            volume.CreateFile(LayerPath.FromValue("Files\\r"),
                new FileMetadata { Reparse = ReparsePoint.FromTarget("a\\b", isMountPoint: false) }, EntryContent.None);
            volume.Link(LayerPath.FromValue("Files\\b"), LayerPath.FromValue("Files\\a"), volume);
            volume.Remove(LayerPath.FromValue("Files\\gone"));
            volume.Complete();
        }

        byte[] index = File.ReadAllBytes(Path.Combine(folder, StoredNames.Index));
        using (HostFolder parent = HostFolder.Open(Folder))
            parent.RemoveTree("seed");
        byte[] lines = index[..(index.AsSpan(0, index.Length - 1).LastIndexOf((byte)'\n') + 1)];
        return lines.Length % 8 == 0 ? [.. lines, .. Bytes("""{"path":"Files\\x","kind":"removed"}""" + "\n")] : lines;
    }

    // As the first release wrote it: values in the entries' own lines.
    private static byte[] First() => Bytes(Header.Replace(LayerIndexWriter.Format, LayerIndexWriter.FirstFormat, StringComparison.Ordinal)
        + """{"path":"Files","kind":"directory","attributes":16}""" + "\n"
        + """{"path":"Files\\a","kind":"file","size":0,"attributes":32,"ea":"AAAAAAADAwBGT08AYmFyAA==","reparse":"FwAAgAQAAAABAgME"}""" + "\n");

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
