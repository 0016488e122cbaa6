using System.Diagnostics.CodeAnalysis;
using WinLayers.Oci.Digests;

namespace WinLayers.Oci.References;

/// <summary>An image in an OCI image layout that is packed as a tar.</summary>
public sealed record OciArchiveReference : ImageReference
{
    internal const string Prefix = "oci-archive:";

    private OciArchiveReference(string file, string? name, Digest? digest)
    {
        File = file;
        Name = name;
        Digest = digest;
    }

    /// <summary>The archive's file, as written.</summary>
    public string File { get; }

    /// <summary>The image's name in the layout's index; null means the only image there.</summary>
    public string? Name { get; }

    /// <summary>The manifest's or index's digest, where one is written.</summary>
    public Digest? Digest { get; }

    /// <summary>Reads a reference as <see cref="ImageReference.ToString"/> writes it.</summary>
    /// <exception cref="ImageReferenceException">It is none.</exception>
    public static OciArchiveReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out string? problem) ?? throw Malformed(text, problem);
    }

    /// <summary>Reads a reference; false where it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out OciArchiveReference? reference)
    {
        reference = text is null ? null : ReadPrefixed(text, Prefix, isBareAllowed: false, Read, out _);
        return reference is not null;
    }

    /// <inheritdoc/>
    public override OciArchiveReference ToAbsolute() => new(AbsolutePath(File), Name, Digest);

    /// <inheritdoc/>
    protected override string Format() =>
        $"{Prefix}{File}{(Name is null ? "" : $":{Name}")}{(Digest is { } digest ? $"@{digest}" : "")}";

    internal static OciArchiveReference? Read(string text, out string? problem)
    {
        string file = CutName(text, out string? name, out Digest? digest);
        problem = file.Length == 0 ? "the archive's file is missing: oci-archive:<file>[:name]"
            : name is not null && !ReferenceGrammar.IsRefName(name) ? "the name after the file is not well-formed"
            : null;
        return problem is null ? new OciArchiveReference(file, name, digest) : null;
    }
}
