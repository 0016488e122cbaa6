using System.Text;
using System.Text.Json;
using WinLayers.Formats.Text;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>What one file has for a registry.</summary>
internal sealed record AuthFileAnswer(RegistryCredential? Credential, string Note, bool IsBroken = false);

/// <summary>
/// Docker's config.json and Podman's auth.json: <c>auths</c> with <c>auth</c>, <c>identitytoken</c> or <c>registrytoken</c>,
/// <c>credHelpers</c> by host, and <c>credsStore</c>. A key may be a host, a URL, or a host with a part of a repository's name.
/// </summary>
internal static class AuthFile
{
    internal const int MaxBytes = 4 << 20;

    /// <summary>Where the files are, in the order to ask them, each once, whether they exist or not.</summary>
    public static IReadOnlyList<string> Paths(Func<string, string?> environment)
    {
        var paths = new List<string>();
        string? home = Set("HOME") ?? Set("USERPROFILE");
        if (Set("REGISTRY_AUTH_FILE") is { } named)
        {
            paths.Add(named);
        }
        else
        {
            if (Set("XDG_RUNTIME_DIR") is { } runtime)
                paths.Add(Path.Combine(runtime, "containers", "auth.json"));
            if ((Set("XDG_CONFIG_HOME") ?? (home is null ? null : Path.Combine(home, ".config"))) is { } configuration)
                paths.Add(Path.Combine(configuration, "containers", "auth.json"));
        }

        if ((Set("DOCKER_CONFIG") ?? (home is null ? null : Path.Combine(home, ".docker"))) is { } docker)
            paths.Add(Path.Combine(docker, "config.json"));
        return paths.Distinct(StringComparer.Ordinal).ToArray();

        string? Set(string name) => environment(name) is { Length: > 0 } value ? value : null;
    }

    public static async Task<AuthFileAnswer> LookUpAsync(
        string path, string registry, string repository, CredentialHelper helper, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return new AuthFileAnswer(Credential: null, "no such file");
            if (file.Length > MaxBytes)
                return new AuthFileAnswer(Credential: null, $"longer than {MaxBytes} bytes", IsBroken: true);
            bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new AuthFileAnswer(Credential: null, $"cannot be read ({e.GetType().Name})", IsBroken: true);
        }

        try
        {
            using var document = StrictJson.Parse(bytes, allowTrailingCommas: true);
            return await SearchAsync(document.RootElement, registry, repository, helper, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            return new AuthFileAnswer(Credential: null, StrictJson.Describe(e), IsBroken: true);
        }
    }

    private static async Task<AuthFileAnswer> SearchAsync(
        JsonElement root, string registry, string repository, CredentialHelper helper, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        JsonElement? own = Best(Section(root, "credHelpers"), registry, repository);
        string? store = root.ValueKind == JsonValueKind.Object ? Text(root, "credsStore") : null;
        string? program = own is { ValueKind: JsonValueKind.String } name ? name.GetString() : store;
        bool isBroken = false;
        if (program is { Length: > 0 })
        {
            CredentialHelperAnswer answer = await helper.GetAsync(program, registry, cancellationToken).ConfigureAwait(false);
            notes.Add($"{(own is null ? "credsStore" : "credHelpers")}: {answer.Note}");
            if (answer.Credential is not null)
                return new AuthFileAnswer(answer.Credential, notes[0]);
            isBroken = answer.IsBroken;
        }

        if (Best(Section(root, "auths"), registry, repository) is { ValueKind: JsonValueKind.Object } entry)
        {
            AuthFileAnswer answer = Read(entry);
            if (answer.Credential is not null)
                return answer;
            notes.Add(answer.Note);
            isBroken |= answer.IsBroken;
        }

        return new AuthFileAnswer(Credential: null, notes.Count == 0 ? "nothing for this registry" : string.Join("; ", notes), isBroken);
    }

    private static AuthFileAnswer Read(JsonElement entry)
    {
        if (Text(entry, "registrytoken") is { Length: > 0 } access)
            return new AuthFileAnswer(RegistryCredential.FromAccessToken(access), "a registry token");
        if (Text(entry, "identitytoken") is { Length: > 0 } identity)
            return new AuthFileAnswer(RegistryCredential.FromIdentityToken(identity), "an identity token");
        if (Text(entry, "auth") is { Length: > 0 } auth)
        {
            // docker pads the secret with NULs in places.
            byte[] decoded = new byte[auth.Length];
            int colon = -1;
            string pair = "";
            if (Convert.TryFromBase64String(auth, decoded, out int length))
            {
                pair = Encoding.UTF8.GetString(decoded, 0, length).TrimEnd('\0');
                colon = pair.IndexOf(':', StringComparison.Ordinal);
            }

            return colon < 0
                ? new AuthFileAnswer(Credential: null, "its entry's auth is not user:password in base64", IsBroken: true)
                : new AuthFileAnswer(RegistryCredential.FromPassword(pair[..colon], pair[(colon + 1)..]),
                    $"a password of '{SafeText.Excerpt(pair.AsSpan(0, colon))}'");
        }

        return Text(entry, "username") is { Length: > 0 } user && Text(entry, "password") is { Length: > 0 } password
            ? new AuthFileAnswer(RegistryCredential.FromPassword(user, password), $"a password of '{SafeText.Excerpt(user)}'")
            : new AuthFileAnswer(Credential: null, "its entry is empty");
    }

    // The most specific key wins: host/a/b, host/a, host.
    private static JsonElement? Best(JsonElement? section, string registry, string repository)
    {
        if (section is not { } entries)
            return null;
        JsonElement? best = null;
        int bestLength = -1;
        string full = $"{registry}/{repository}";
        foreach (JsonProperty property in entries.EnumerateObject())
        {
            string key = Canonical(property.Name);
            bool matches = full.StartsWith(key, StringComparison.Ordinal) && (full.Length == key.Length || full[key.Length] == '/');
            if (matches && key.Length >= registry.Length && key.Length > bestLength)
            {
                best = property.Value;
                bestLength = key.Length;
            }
        }

        return best;
    }

    /// <summary>The registry that a key is for, and the part of it.</summary>
    internal static string Canonical(string key)
    {
        string rest = key;
        bool isUrl = key.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || key.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (isUrl)
            rest = key[(key.IndexOf("://", StringComparison.Ordinal) + 3)..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string host = RegistryNames.Canonical(slash < 0 ? rest : rest[..slash]);
        string path = slash < 0 || isUrl ? "" : rest[slash..].TrimEnd('/');
        return path is "/v1" or "/v2" ? host : host + path;
    }

    internal static JsonElement? Section(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out JsonElement section)
            && section.ValueKind == JsonValueKind.Object ? section : null;

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
