using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerificationDocument(
    bool Ok, int Layers, int Blobs, long Files, long BytesRead, IReadOnlyList<VerificationDocument.Problem> Problems)
{
    /// <summary>The images that were checked; null for a folder and the whole store.</summary>
    public IReadOnlyList<ImageFacts>? Images { get; init; }

    /// <summary>The images of the index that were not; null where no index was named.</summary>
    public IReadOnlyList<ImageFacts>? NotChecked { get; init; }

    /// <summary>The same, with the image that it is about.</summary>
    public VerificationDocument Of(ResolvedImage image) => this with { Images = [ImageFacts.Of(image)] };

    /// <summary>Together with what was found of another image.</summary>
    public VerificationDocument With(VerificationDocument other) => new(
        Ok && other.Ok, Layers + other.Layers, Blobs + other.Blobs, Files + other.Files, BytesRead + other.BytesRead,
        [.. Problems, .. other.Problems])
    {
        Images = [.. Images ?? [], .. other.Images ?? []],
    };

    public static VerificationDocument Of(StoreReport found) => new(
        found.Problems.Count == 0, found.Layers, found.Blobs, found.Files, found.BytesRead,
        [.. found.Problems.Select(
            problem => new Problem(problem.Where, problem.Path, NameOf(problem.Kind.ToString()), problem.Detail + RemedyOf(problem)))]);

    public static VerificationDocument Of(ImageVerification found) => new(
        found.Problems.Count == 0, Layers: 0, found.Blobs, Files: 0, found.BytesRead,
        [.. found.Problems.Select(
            problem => new Problem(problem.Blob.ToString(), Path: null, problem.IsMissing ? "missing" : "changed", problem.Detail))]);

    private static string RemedyOf(StoreProblem problem) => problem.Remedy switch
    {
        StoreRemedy.Pull => $"; run 'winlayers pull {problem.Reference}' again",
        StoreRemedy.Unpack => $"; run 'winlayers unpack {problem.Reference}' again",
        StoreRemedy.Repair => "; 'winlayers repair' makes it good",
        StoreRemedy.Collect => ", 'winlayers gc' removes it",
        _ => "",
    };

    private static string NameOf(string kind) => char.ToLowerInvariant(kind[0]) + kind[1..];

    public sealed record Problem(string Where, string? Path, string Kind, string Detail);
}
