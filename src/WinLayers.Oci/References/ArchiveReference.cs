using System.Diagnostics.CodeAnalysis;

namespace WinLayers.Oci.References;

/// <summary>An image in an archive as <c>docker save</c> writes it.</summary>
public sealed record ArchiveReference : ImageReference
{
    internal const string Prefix = "docker-archive:";

    private ArchiveReference(string file, RegistryReference? name)
    {
        File = file;
        Name = name;
    }

    /// <summary>The archive's file, as written.</summary>
    public string File { get; }

    /// <summary>The image's name in the archive; null means the only image there.</summary>
    public RegistryReference? Name { get; }

    /// <summary>Reads a reference as <see cref="ImageReference.ToString"/> writes it.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static ArchiveReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out string? problem) ?? throw Malformed(text, problem);
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ArchiveReference? reference)
    {
        reference = text is null ? null : ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out _);
        return reference is not null;
    }

    /// <inheritdoc/>
    public override ArchiveReference ToAbsolute() => new(AbsolutePath(File), Name);

    /// <inheritdoc/>
    protected override string Format() =>
        $"{Prefix}{File}{(Name is null ? "" : $":{Name.Host}/{Name.Repository}:{Name.Tag}")}";

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
