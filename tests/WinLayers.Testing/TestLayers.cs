using System.Security.Cryptography;
using System.Text;
using WinLayers.Formats.Names;
using WinLayers.Formats.Ntfs;
using WinLayers.Formats.Tar;
using WinLayers.Oci.Digests;
using WinLayers.Portable;
using WinLayers.Volumes;

namespace WinLayers.Testing;

/// <summary>A folder of its own for portable layers, gone afterwards, and short ways to fill them.</summary>
public sealed class TestLayers : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("winlayers-").FullName;

    public static FileMetadata Plain { get; } = new()
    {
        Attributes = FileAttributes.Archive,
        Times = new FileTimes(new(132444736000000001), new(133444736107654321), new(133444736001234567), new(133444736205000000)),
    };

    public static LayerIdentity Identity(string name) =>
        new(DigestOf("diff " + name), DigestOf("chain " + name), ParentChainId: null, DigestOf("blob " + name));

    public static Digest DigestOf(string text) => Digest.FromHash(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static LayerPath P(string path) => LayerPath.FromValue(path);

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    public PortableVolume Volume(string name) => new(Folder(name), Identity(name));

    public PortableTree Tree(string name) => PortableTree.Open(Path.Combine(Root, name));

    /// <summary>A finished layer.</summary>
    public PortableTree Make(string name, Action<PortableVolume> fill)
    {
        using (PortableVolume volume = Volume(name))
        {
            fill(volume);
            volume.Complete();
        }

        return Tree(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

public static class VolumeFilling
{
    public static ILayerVolume Dir(this ILayerVolume volume, string path, FileMetadata? metadata = null)
    {
        volume.CreateDirectory(LayerPath.FromValue(path), metadata ?? FileMetadata.DefaultDirectory, EntryContent.None);
        return volume;
    }

    public static ILayerVolume File(this ILayerVolume volume, string path, string text = "", FileMetadata? metadata = null,
        params (string Name, string Text)[] streams)
    {
        volume.CreateFile(LayerPath.FromValue(path), metadata ?? TestLayers.Plain, new TextContent(Encoding.UTF8.GetBytes(text), streams));
        return volume;
    }

    public static ILayerVolume Link(this ILayerVolume volume, string path, string target, ILayerTree? from = null)
    {
        volume.Link(LayerPath.FromValue(path), LayerPath.FromValue(target), from ?? volume);
        return volume;
    }

    public static string Text(this ILayerTree tree, string path)
    {
        using OpenContent content = tree.OpenRead(LayerPath.FromValue(path));
        using StreamReader reader = new(content.Data);
        return reader.ReadToEnd();
    }
}

internal sealed class TextContent(byte[] data, params (string Name, string Text)[] streams) : EntryContent
{
    private int _next;

    public override Stream Data { get; } = new MemoryStream(data);

    public override AlternateStream? NextStream() =>
        _next == streams.Length ? null : new(streams[_next].Name, new MemoryStream(Encoding.UTF8.GetBytes(streams[_next++].Text)));
}
