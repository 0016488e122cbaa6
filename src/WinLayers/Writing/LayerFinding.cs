using WinLayers.Formats;

namespace WinLayers.Writing;

/// <summary>Something that the linter found.</summary>
/// <param name="Rule">The rule that is broken.</param>
/// <param name="Severity">How bad it is, here.</param>
/// <param name="EntryName">The entry's name as the tar spells it; null where it is about the whole layer.</param>
/// <param name="TarOffset">Where the entry's first header starts in the uncompressed tar.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record LayerFinding(LayerRule Rule, RuleSeverity Severity, string? EntryName, long? TarOffset, string Detail, string Remedy);
