using WinLayers.Testing;

namespace WinLayers.Tests.Hostile;

/// <summary>One layer of the corpus, as it would come from a registry.</summary>
/// <param name="Name">What the test run calls it.</param>
/// <param name="Tar">What its DiffID is taken of.</param>
/// <param name="Blob">The bytes of the blob.</param>
internal sealed record LayerCase(string Name, byte[] Tar, byte[] Blob)
{
    /// <summary>The code it is refused with; empty for a layer that passes.</summary>
    public string Code { get; init; } = "";

    /// <summary>Whether it lies on <see cref="CorpusBed.BaseTar"/>; otherwise it is a base itself.</summary>
    public bool IsDiff { get; init; }

    /// <summary>What the merged view shows with this layer on top, for a layer that passes.</summary>
    public string Shown { get; init; } = "";

    /// <summary>A layer that is refused; the blob is the tar itself, which every operation takes.</summary>
    public static LayerCase Refused(string code, string name, LayerTar tar, bool isDiff = true) =>
        Refused(code, name, tar.ToArray(), isDiff);

    public static LayerCase Refused(string code, string name, byte[] tar, bool isDiff = true) =>
        new(name, tar, tar) { Code = code, IsDiff = isDiff };

    /// <summary>A good tar in a blob that is refused.</summary>
    public static LayerCase RefusedBlob(string code, string name, byte[] tar, byte[] blob) => new(name, tar, blob) { Code = code };

    /// <summary>A layer that passes, compressed with gzip.</summary>
    public static LayerCase Passes(string name, string shown, LayerTar tar, bool isDiff = false) =>
        Passes(name, shown, tar.ToArray(), isDiff);

    public static LayerCase Passes(string name, string shown, byte[] tar, bool isDiff = false) =>
        new(name, tar, TestBytes.Compress(tar)) { Shown = shown, IsDiff = isDiff };
}
