using Microsoft.Extensions.Logging;
using WinLayers.Formats.Text;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>What a search for credentials found.</summary>
/// <param name="Credential">The credential; null for none.</param>
/// <param name="Source">Where it is from, for messages.</param>
/// <param name="Tried">Every place that was looked at, and what it gave; never a secret.</param>
internal sealed record CredentialFinding(RegistryCredential? Credential, string Source, IReadOnlyList<string> Tried);

/// <summary>
/// Looks for a registry's credentials: the options' own, their file alone if they name one, the environment, Podman's files, Docker's
/// file, the first that has any. It is asked only
/// after a challenge, so a public pull starts no helper.
/// </summary>
internal sealed partial class CredentialSearch(RegistryOptions options, CredentialHelper helper, ILogger logger)
{
    internal const string UserVariable = "WINLAYERS_REGISTRY_USER";
    internal const string PasswordVariable = "WINLAYERS_REGISTRY_PASSWORD";
    internal const string HostVariable = "WINLAYERS_REGISTRY_HOST";

    public async Task<CredentialFinding> FindAsync(RegistryEndpoint endpoint, string repository, CancellationToken cancellationToken)
    {
        var tried = new List<string>();
        if (options.Credentials is { } own)
        {
            if (await own(endpoint.Name, cancellationToken).ConfigureAwait(false) is { } given)
                return new CredentialFinding(given, "the options", ["credentials from the options"]);
            tried.Add("options: none for this registry");
        }

        if (options.AuthFile is { } named)
            return await FromFilesAsync([named], endpoint, repository, tried, cancellationToken).ConfigureAwait(false);
        if (!options.UseAmbientCredentials)
            return new CredentialFinding(Credential: null, "", tried);
        if (FromEnvironment(endpoint, tried) is { } variable)
            return new CredentialFinding(variable, $"${UserVariable}", tried);
        return await FromFilesAsync(AuthFile.Paths(options.EnvironmentVariable), endpoint, repository, tried, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<CredentialFinding> FromFilesAsync(
        IReadOnlyList<string> paths, RegistryEndpoint endpoint, string repository, List<string> tried, CancellationToken cancellationToken)
    {
        foreach (string path in paths)
        {
            AuthFileAnswer answer =
                await AuthFile.LookUpAsync(path, endpoint.Name, repository, helper, cancellationToken).ConfigureAwait(false);
            tried.Add($"{path}: {answer.Note}");
            if (answer.IsBroken)
                LogBroken(logger, path, answer.Note);
            if (answer.Credential is { } found)
                return new CredentialFinding(found, path, tried);
        }

        return new CredentialFinding(Credential: null, "", tried);
    }

    private RegistryCredential? FromEnvironment(RegistryEndpoint endpoint, List<string> tried)
    {
        if (options.EnvironmentVariable(UserVariable) is not { Length: > 0 } user
            || options.EnvironmentVariable(PasswordVariable) is not { } password)
        {
            tried.Add($"${UserVariable} and ${PasswordVariable}: not set");
            return null;
        }

        string? host = options.EnvironmentVariable(HostVariable) is { Length: > 0 } named ? RegistryNames.Canonical(named) : null;
        string[] all = [.. options.NamedRegistries.Select(RegistryNames.Canonical).Distinct(StringComparer.Ordinal)];
        if (host is null && all.Length != 1)
        {
            // Whoever guesses here gives the password of one registry to another.
            string which = all.Length == 0 ? "no registry is named" : $"may be for {string.Join(" or ", all)}";
            tried.Add($"${UserVariable}: {which}; ${HostVariable} says for which registry");
            return null;
        }

        bool isMeant = endpoint.Name == (host ?? all[0]) && (host is not null || !endpoint.IsMirror);
        if (!isMeant)
        {
            tried.Add($"${UserVariable}: is for {host ?? all[0]}; ${HostVariable} says for which registry");
            return null;
        }

        tried.Add($"${UserVariable}: user '{SafeText.Excerpt(user)}'");
        return RegistryCredential.FromPassword(user, password);
    }

    [LoggerMessage(LogLevel.Warning, "Credentials in {Path}: {Note}.")]
    private static partial void LogBroken(ILogger logger, string path, string note);
}
