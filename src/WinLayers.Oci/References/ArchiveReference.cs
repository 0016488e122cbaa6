namespace WinLayers.Oci.References;

/// <summary>An image in an archive as <c>docker save</c> writes it.</summary>
public sealed record ArchiveReference : ImageReference
{
    private ArchiveReference(string file, RegistryReference? name)
    {
        File = file;
        Name = name;
    }

    /// <summary>The archive's file, as written.</summary>
    public string File { get; }

    /// <summary>The image's name in the archive; null means the only image there.</summary>
    public RegistryReference? Name { get; }

    private protected override string Format() =>
        $"docker-archive:{File}{(Name is null ? "" : $":{Name.Host}/{Name.Repository}:{Name.Tag}")}";

    internal static ArchiveReference? Read(string text, out string? problem)
    {
        int colon = ColonAfterPath(text);
        string file = colon < 0 ? text : text[..colon];
        if (file.Length == 0)
        {
            problem = "the archive's file is missing: docker-archive:<file>[:name]";
            return null;
        }

        RegistryReference? name = null;
        problem = null;
        if (colon >= 0)
        {
            name = RegistryReference.Read(text[(colon + 1)..], out problem);
            if (name is { Digest: not null })
                problem = "an archive names its images by tag, not by digest";
        }

        return problem is null ? new ArchiveReference(file, name) : null;
    }
}
