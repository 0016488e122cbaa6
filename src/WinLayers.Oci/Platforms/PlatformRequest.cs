namespace WinLayers.Oci.Platforms;

/// <summary>How a container is kept apart from its host.</summary>
public enum ContainerIsolation
{
    /// <summary>The host's own kernel runs it.</summary>
    Process,

    /// <summary>A utility VM with the image's own kernel runs it.</summary>
    HyperV,
}

/// <summary>Which of an index's images is wanted. The default: the newest one for windows/amd64.</summary>
public sealed record PlatformRequest
{
    /// <summary>The default.</summary>
    public static PlatformRequest Default { get; } = new();

    /// <summary>The operating system.</summary>
    public string Os { get; init; } = "windows";

    /// <summary>The processor architecture.</summary>
    public string Architecture { get; init; } = "amd64";

    /// <summary>The host that the image shall run on; null asks for no host in particular.</summary>
    public WindowsVersion? Host { get; init; }

    /// <summary>How it shall run on <see cref="Host"/>.</summary>
    public ContainerIsolation Isolation { get; init; }

    /// <summary>
    /// The start of the image's own version, whole parts of it: <c>10.0.17763</c>, <c>10.0.20348.2031</c>; null takes any.
    /// </summary>
    public string? OsVersion { get; init; }

    /// <summary>
    /// Reads <c>os/architecture[:version]</c> as tools write platforms: <c>windows/amd64</c>, <c>windows/amd64:10.0.20348</c>.
    /// </summary>
    /// <exception cref="PlatformException">It is none.</exception>
    public static PlatformRequest Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string[] parts = (colon < 0 ? text : text[..colon]).Split('/');
        string? version = colon < 0 ? null : text[(colon + 1)..];
        bool isGood = parts.Length == 2
            && parts.All(static part => part.Length is > 0 and <= 32 && part.All(char.IsAsciiLetterOrDigit))
            && (version is null || (version.Length > 0 && version.All(static c => char.IsAsciiDigit(c) || c == '.')));
        return isGood
            ? new PlatformRequest { Os = parts[0].ToLowerInvariant(), Architecture = parts[1].ToLowerInvariant(), OsVersion = version }
            : throw PlatformException.Malformed(text);
    }

    /// <summary>The request as a person would say it.</summary>
    public override string ToString()
    {
        string text = $"{Os}/{Architecture}";
        if (OsVersion is not null)
            text += $":{OsVersion}";
        if (Host is { } host)
            text += $" for host {host} with {(Isolation == ContainerIsolation.HyperV ? "Hyper-V" : "process")} isolation";
        return text;
    }
}
