using WinLayers.Cli.Frame;
using WinLayers.Oci.References;

namespace WinLayers.Cli.Inputs;

/// <summary>What somebody typed for a verb that works on registries alone.</summary>
internal static class RegistryArgument
{
    /// <summary>Reads it.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="instead">What to do with what is elsewhere.</param>
    /// <exception cref="UsageException">It names something elsewhere.</exception>
    public static RegistryReference Parse(string text, string instead) =>
        ImageArgument.Parse(text) as RegistryReference
            ?? throw new UsageException($"'{text}' is not in a registry; {instead}");

    /// <summary>Whether a tag or a digest was typed: where none is, a reference means the tag latest.</summary>
    public static bool NamesOne(string text, RegistryReference reference) =>
        reference.Digest is not null || text.EndsWith($":{reference.Tag}", StringComparison.Ordinal);
}
