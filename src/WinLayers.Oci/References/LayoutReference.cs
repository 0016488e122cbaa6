using System.Diagnostics.CodeAnalysis;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.References;

/// <summary>An image in an OCI image layout folder.</summary>
public sealed record LayoutReference : ImageReference
{
    internal const string Prefix = "oci:";

    private LayoutReference(string folder, string? name, Digest? digest)
    {
        Folder = folder;
        Name = name;
        Digest = digest;
    }

    /// <summary>The layout's folder, as written.</summary>
    public string Folder { get; }

    /// <summary>The image's name in the layout's index; null means the only image there.</summary>
    public string? Name { get; }

    /// <summary>The manifest's or index's digest, where one is written.</summary>
    public Digest? Digest { get; }

    /// <summary>Reads a reference as <see cref="ImageReference.ToString"/> writes it.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static LayoutReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out string? problem) ?? throw Malformed(text, problem);
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LayoutReference? reference)
    {
        reference = text is null ? null : ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out _);
        return reference is not null;
    }

    /// <inheritdoc/>
    public override LayoutReference ToAbsolute() => new(AbsolutePath(Folder), Name, Digest);

    /// <inheritdoc/>
    protected override string Format() =>
        $"{Prefix}{Folder}{(Name is null ? "" : $":{Name}")}{(Digest is { } digest ? $"@{digest}" : "")}";

    internal static LayoutReference? Read(string text, out string? problem)
    {
        string folder = CutName(text, out string? name, out Digest? digest);
        problem = folder.Length == 0 ? "the layout's folder is missing: oci:<folder>[:name]"
            : name is not null && !ReferenceGrammar.IsRefName(name) ? "the name after the folder is not well-formed"
            : null;
        return problem is null ? new LayoutReference(folder, name, digest) : null;
    }
}
