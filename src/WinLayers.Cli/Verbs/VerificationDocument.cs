namespace WinLayers.Cli.Verbs;

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerificationDocument(
    bool Ok, int Layers, int Blobs, long Files, long BytesRead, IReadOnlyList<VerificationDocument.Problem> Problems)
{
    public sealed record Problem(string Where, string? Path, string Kind, string Detail);
}
