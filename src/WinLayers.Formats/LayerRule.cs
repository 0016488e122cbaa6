namespace WinLayers.Formats;

/// <summary>How bad it is when a layer breaks a rule.</summary>
public enum RuleSeverity
{
    /// <summary>The layer imports, and means what it says; something about it is unusual.</summary>
    Note,

    /// <summary>The layer imports, but something is lost or not what it seems.</summary>
    Warning,

    /// <summary>The reference, Windows or this library refuses the layer.</summary>
    Error,
}

/// <summary>One rule that a layer can break. Each room declares its own, in one static class.</summary>
/// <param name="Code">Stable code, <c>WCL2nnn</c>.</param>
/// <param name="Name">Short name in kebab-case, such as <c>name-traversal</c>.</param>
/// <param name="Severity">How bad breaking it is.</param>
/// <param name="Summary">What the rule asks, in a sentence without the closing full stop.</param>
/// <param name="Remedy">What to do about an entry that breaks it.</param>
public sealed record LayerRule(string Code, string Name, RuleSeverity Severity, string Summary, string Remedy);
