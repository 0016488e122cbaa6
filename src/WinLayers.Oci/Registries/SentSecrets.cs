using System.Collections.Concurrent;

namespace WinLayers.Oci.Registries;

/// <summary>
/// Every secret that went out, in each form in which it did: whoever got it may say it again, and what a server says is shown.
/// </summary>
internal sealed class SentSecrets
{
    // Shorter ones would take harmless words out of messages, and are no secrets.
    private const int MinLength = 4;

    private readonly ConcurrentDictionary<string, byte> _all = new(StringComparer.Ordinal);

    /// <summary>Remembers a secret before it is sent: a header's value, or a field of a form.</summary>
    public void Add(string secret)
    {
        AddForm(secret);
        AddForm(Uri.EscapeDataString(secret));
    }

    /// <summary>A server's words without any of them. To be called before the words are cut: a part of a secret is one too.</summary>
    public string Redact(string text)
    {
        // The longest first: one may be a part of another. A host is shown in lower case.
        foreach (string secret in _all.Keys.OrderByDescending(static s => s.Length))
            text = text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    private void AddForm(string secret)
    {
        if (secret.Length >= MinLength)
            _all.TryAdd(secret, 0);
    }
}
