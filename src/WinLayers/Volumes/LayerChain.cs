using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using WinLayers.Formats.Text;
using WinLayers.Oci.Disk;

namespace WinLayers.Volumes;

/// <summary>
/// Folders of layers, child to parent: the nearest first, the base layer last. The one order in which layers are given and taken.
/// </summary>
/// <remarks>A collection expression makes one: <c>LayerChain chain = [app, @base];</c></remarks>
[CollectionBuilder(typeof(LayerChain), nameof(Create))]
public sealed class LayerChain : IReadOnlyList<string>, IEquatable<LayerChain>
{
    /// <summary>The file in a layer's folder that names the folders of its parents; Docker and containerd know it by this name.</summary>
    public const string FileName = "layerchain.json";

    // A path takes at most 32,767 UTF-16 units, a chain 127 layers, nearly all of them far shorter.
    private const int LimitBytes = 16 << 20;

    private readonly string[] _folders;

    private LayerChain(string[] folders) => _folders = folders;

    /// <summary>No layers: what lies below a base layer.</summary>
    public static LayerChain Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _folders.Length;

    /// <summary>The folder of a layer, counted from the child.</summary>
    public string this[int index] => _folders[index];

    /// <summary>A chain of these folders.</summary>
    /// <param name="folders">The folders, child to parent; absolute, as they are kept as they are written.</param>
    /// <exception cref="ArgumentException">One is empty.</exception>
    public static LayerChain Create(params ReadOnlySpan<string> folders)
    {
        foreach (string folder in folders)
            ArgumentException.ThrowIfNullOrEmpty(folder, nameof(folders));
        return folders.IsEmpty ? Empty : new LayerChain(folders.ToArray());
    }

    /// <summary>The parents of a layer, as its folder tells them; null where it does not.</summary>
    /// <exception cref="LayerChainException">The file is not a list of absolute paths.</exception>
    public static LayerChain? ReadFile(string layerFolder)
    {
        string file = Path.Combine(layerFolder, FileName);
        try
        {
            if (PlainFile.TryRead(file, LimitBytes) is not { } bytes)
                return null;
            if (bytes.Length > LimitBytes)
                throw new LayerChainException(file, $"has more than {LimitBytes} bytes");
            // Docker writes null for a base layer.
            IReadOnlyList<string> parents = StrictJson.Deserialize(bytes, ChainContext.Default.IReadOnlyListString) ?? [];
            return parents.All(
                parent => parent is not null && !parent.Contains('\0', StringComparison.Ordinal) && Path.IsPathFullyQualified(parent))
                ? [.. parents]
                : throw new LayerChainException(file, "holds something that is no absolute path");
        }
        catch (JsonException e)
        {
            throw new LayerChainException(file, $"cannot be read: {e.Message}", e);
        }
        catch (DiskException other) when (other.Reason is DiskFailure.NotAPlainFile)
        {
            throw new LayerChainException(file, "is a link, a folder or a device", other);
        }
    }

    /// <summary>Writes this chain into a layer's folder, as its parents. It is on the disk when the call returns.</summary>
    public void WriteFile(string layerFolder) => WriteFile(layerFolder, FileName);

    /// <summary>The same under another name, before it gets its own.</summary>
    internal void WriteFile(string layerFolder, string name)
    {
        using FileStream file = new(Path.Combine(layerFolder, name), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(_folders, ChainContext.Default.IReadOnlyListString));
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_folders).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether the folders are the same, written the same, in the same order.</summary>
    public bool Equals(LayerChain? other) => other is not null && _folders.AsSpan().SequenceEqual(other._folders);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LayerChain);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (string folder in _folders)
            hash.Add(folder, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <summary>The folders, one a line.</summary>
    public override string ToString() => string.Join('\n', _folders);
}

[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ChainContext : JsonSerializerContext;
