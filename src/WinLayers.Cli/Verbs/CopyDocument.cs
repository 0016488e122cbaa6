using WinLayers.Cli.Terminal;
using WinLayers.Oci.Copying;
using WinLayers.Oci.Documents;

namespace WinLayers.Cli.Verbs;

/// <summary>What <c>copy</c>, <c>push</c> and <c>pull</c> print with <c>--json</c>.</summary>
internal sealed record CopyDocument(
    string Source, string Target, string MediaType, string Digest, string SourceDigest, int Copied, int Present, long Bytes,
        IReadOnlyList<string> LeftOut, IReadOnlyList<ImageFacts> OtherImages)
{
    /// <summary>What was copied from where to where.</summary>
    public static CopyDocument Of(string source, string target, CopyResult result) => new(
        source, target, result.Root.MediaType, result.Root.Digest.ToString(), result.SourceDigest.ToString(), result.Copied,
        result.Present, result.Bytes, [.. result.LeftOut.Select(blob => blob.Digest.ToString())],
            [.. (result.Image?.Others ?? []).Select(ImageFacts.Of)]);

    /// <summary>The digest on stdout; what happened, and what was left, on stderr.</summary>
    public static void Show(Output output, string source, string target, CopyResult result)
    {
        IReadOnlyList<Descriptor> others = result.Image?.Others ?? [];
        if (output.Json)
        {
            output.Document(Of(source, target, result), CommandJson.Default.CopyDocument);
            return;
        }

        output.Message(
            $"{source} → {target}: {Quantity.Count(result.Copied, "blob")} copied " +
                $"({Quantity.Bytes(result.Bytes)}), {result.Present} there already");
        if (result.LeftOut.Count > 0)
        {
            output.Message(
                $"{Quantity.Count(result.LeftOut.Count, "foreign layer")} left out " +
                    $"({Quantity.Bytes(result.LeftOut.Sum(blob => blob.Size))}); " +
                "--include-foreign copies them");
        }

        if (result.Image is { } image && others.Count > 0)
            output.Message($"one image of {others.Count + 1} in the index: {ImageFacts.Of(image).Text}; --all takes the others along");
        if (result.SourceDigest != result.Root.Digest)
            output.Message($"the digest changed from {result.SourceDigest}, because foreign layers became plain ones");
        output.Line(result.Root.Digest.ToString());
    }
}

/// <summary>What <c>copy --from-file</c> prints with <c>--json</c>.</summary>
internal sealed record CopyListDocument(string Target, IReadOnlyList<CopyDocument> Images)
{
    /// <summary>The digests on stdout, in the list's order.</summary>
    public static void Show(Output output, string target, IReadOnlyList<CopyDocument> images)
    {
        if (output.Json)
        {
            output.Document(new CopyListDocument(target, images), CommandJson.Default.CopyListDocument);
            return;
        }

        int foreign = images.Sum(image => image.LeftOut.Count);
        if (foreign > 0)
            output.Message($"{Quantity.Count(foreign, "foreign layer")} left out; --include-foreign copies them");
        foreach (CopyDocument image in images)
        {
            if (image.OtherImages.Count > 0)
                output.Message($"{image.Source}: one image of {image.OtherImages.Count + 1} in the index; --all takes the others along");
            output.Line(image.Digest);
        }
    }
}
