using WinLayers.Oci.Sources;
using WinLayers.Storage;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerificationDocument(
    bool Ok, int Layers, int Blobs, long Files, long BytesRead, IReadOnlyList<VerificationDocument.Problem> Problems)
{
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
