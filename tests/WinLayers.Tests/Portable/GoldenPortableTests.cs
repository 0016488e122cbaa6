using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WinLayers.Formats;
using WinLayers.Formats.Names;
using WinLayers.Formats.Tar;
using WinLayers.Portable;
using WinLayers.Testing;
using WinLayers.Tests.Writing;
using WinLayers.Volumes;
using WinLayers.Writing;

namespace WinLayers.Tests.Portable;

/// <summary>Unpacks every recorded layer over its parents and compares the folder with the tar and with what the reference did.</summary>
public sealed class GoldenPortableTests : IDisposable
{
    private readonly TestLayers _layers = new();
    private readonly Dictionary<string, PortableTree> _unpacked = new(StringComparer.Ordinal);

    public static TheoryData<string> Cases => [.. GoldenLayers.Names];

    public void Dispose()
    {
        foreach (PortableTree tree in _unpacked.Values)
            tree.Dispose();
        _layers.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Unpack_RecordedLayer_HoldsWhatTheTarSaysAndTheReferenceDid(string name)
    {
        JsonNode expected = GoldenLayers.Expected(name);

        // Accepted here though the reference refuses: a link ahead of its target is refused only where there is no target at all.
        if (GoldenLayers.IsRefused(expected))
        {
            Assert.Throws<LayerRefusedException>(() => Unpack(name));
            Assert.Throws<LayerIndexException>(() => _layers.Tree(name));
            return;
        }

        PortableTree tree = Unpack(name);
        JsonArray after = expected["afterImport"] as JsonArray ?? [];
        HashSet<LayerPath> gone =
            [.. after.Where(step => (string?)step!["op"] is "remove").Select(step => LayerPath.FromValue((string)step!["path"]!))];
        using FileStream tar = GoldenLayers.Open(name);
        using LayerTarReader reader = new(tar);
        while (reader.Read() is { } entry)
        {
            if (entry.Kind is not (LayerEntryKind.File or LayerEntryKind.Directory) || gone.Contains(entry.Path))
                continue;
            LayerIndexEntry stored = tree.ReadEntry(entry.Path);
            Assert.Equal(entry.Metadata, stored.Metadata);
            if (entry.Kind is LayerEntryKind.File)
            {
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(entry.Content.Data)), stored.Sha256!.Value.Hex);
                using OpenContent content = tree.OpenRead(entry.Path);
                Assert.Equal(stored.Sha256!.Value.Hex, Convert.ToHexStringLower(SHA256.HashData(content.Data)));
            }

            foreach (LayerIndexStream stream in stored.Streams)
            {
                AlternateStream recorded = entry.Content.NextStream()!;
                Assert.Equal((recorded.Name, Convert.ToHexStringLower(SHA256.HashData(recorded.Data))), (stream.Name, stream.Sha256.Hex));
            }

            Assert.Null(entry.Content.NextStream());
        }

        foreach (JsonNode? step in after)
            CheckStep(tree, step!, after);
        Assert.Empty(new PortableVerifier(tree.Location, []).Verify(tree.Identity, TestContext.Current.CancellationToken));
    }

    private void CheckStep(PortableTree tree, JsonNode step, JsonArray all)
    {
        LayerPath path = LayerPath.FromValue((string)step["path"]!);
        if ((string?)step["op"] is "link")
        {
            string from = (string)step["from"]!;
            PortableTree holder = from.StartsWith("parent:", StringComparison.Ordinal) ? _unpacked[from["parent:".Length..]] : tree;
            Assert.Equal(holder.LookAt(LayerPath.FromValue((string)step["target"]!))!.Value.FileId, tree.LookAt(path)!.Value.FileId);
        }
        else if ((string?)step["op"] is "remove"
            && !all.Any(other => (string?)other!["op"] is "link" && LayerPath.FromValue((string)other["path"]!) == path))
        {
            Assert.Null(tree.Find(path));
            Assert.Contains(tree.ReadEntries(), entry => entry.Kind == LayerIndexKind.Removed && entry.Path == path);
        }
    }

    private PortableTree Unpack(string name)
    {
        if (_unpacked.TryGetValue(name, out PortableTree? known))
            return known;
        JsonNode expected = GoldenLayers.Expected(name);
        List<ILayerTree> parents = [];
        foreach (JsonNode? parent in expected["parents"] as JsonArray ?? [])
            parents.Add(Unpack((string)parent!));
        using (PortableVolume volume = _layers.Volume(name))
            GoldenLayers.Write(name, parents.Count == 0 ? new BaseLayerWriter(volume) : new DiffLayerWriter(volume, volume, parents));
        return _unpacked[name] = _layers.Tree(name);
    }
}
