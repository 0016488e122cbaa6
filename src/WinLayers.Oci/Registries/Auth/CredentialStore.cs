using WinLayers.Oci.References;

namespace WinLayers.Oci.Registries.Auth;

/// <summary>Where a registry's credentials are kept.</summary>
/// <param name="File">The file of docker or podman.</param>
/// <param name="Helper">
/// The helper that the file names, <c>docker-credential-…</c>; null where they stand in the file, in plain text.
/// </param>
public sealed record StoredCredential(string File, string? Helper);

/// <summary>
/// Puts credentials where docker and podman keep theirs, and takes them away again: their files, and the helpers that these name. All else
/// in the files stays as it is. The environment and what a program gives are no concern of it.
/// </summary>
public sealed class CredentialStore
{
    private readonly RegistryOptions _options;
    private readonly CredentialHelper _helper;

    /// <summary>Makes one; of the options it takes <see cref="RegistryOptions.AuthFile"/>, which then is the only file.</summary>
    public CredentialStore(RegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _helper = new CredentialHelper(options);
    }

    /// <summary>
    /// The registry that a person names, as references have it: lower-case, of a URL the host, Docker Hub as <c>docker.io</c>.
    /// </summary>
    /// <exception cref="RegistryUsageException">The text names no registry.</exception>
    public static string RegistryOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string registry = AuthFile.Canonical(text);
        return ReferenceGrammar.IsHost(registry) ? registry
            : throw new RegistryUsageException($"'{text}' is no HOST[:PORT] of a registry.");
    }

    /// <summary>
    /// Stores a password: in the file that has this registry already, so that it is found first; else in the one that
    /// <c>$REGISTRY_AUTH_FILE</c> names, else in docker's. Where the file names a helper, the helper gets it.
    /// </summary>
    /// <exception cref="CredentialStoreException">The helper fails, or the file is not what docker writes; nothing is stored.</exception>
    /// <exception cref="RegistryUsageException">The user's name holds a colon, which ends it in such files.</exception>
    public async Task<StoredCredential> SaveAsync(string registry, RegistryCredential credential,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(credential);
        if (credential.Kind != CredentialKind.Password)
            throw new ArgumentException("Only a user and a password are stored.", nameof(credential));
        if (credential.User.Length == 0 || credential.User.Contains(':', StringComparison.Ordinal))
            throw new RegistryUsageException("A user's name is not empty and holds no colon.");
        string name = RegistryOf(registry);
        List<AuthFileEditor> files = Files(name);
        AuthFileEditor file = files.FirstOrDefault(static file => file.HasRegistry)
            ?? (IsNamed ? files[0] : files[^1]);
        if (file.HelperName is not { } helper)
        {
            file.Save(credential);
            return new StoredCredential(file.Path, Helper: null);
        }

        if (await _helper.StoreAsync(helper, name, credential, cancellationToken).ConfigureAwait(false) is { } problem)
            throw new CredentialStoreException(file.Path, problem);
        // What stood there in plain is out of date, and docker lists what has an entry.
        file.Save(credential: null);
        return new StoredCredential(file.Path, CredentialHelper.ProgramOf(helper));
    }

    /// <summary>Removes a registry's credentials from every file that is looked at, and from the helpers that these name.</summary>
    /// <returns>Where there were some.</returns>
    /// <exception cref="CredentialStoreException">
    /// A helper fails: what the others have is removed all the same. Or a file is not what docker writes: nothing is changed then.
    /// </exception>
    public async Task<IReadOnlyList<StoredCredential>> RemoveAsync(string registry, CancellationToken cancellationToken = default)
    {
        string name = RegistryOf(registry);
        var removed = new List<StoredCredential>();
        CredentialStoreException? failure = null;
        foreach (AuthFileEditor file in Files(name))
        {
            if (file.HelperName is { } helper
                && (await _helper.GetAsync(helper, name, cancellationToken)
                    .ConfigureAwait(false)) is { Credential: not null } or { IsBroken: true })
            {
                // One helper that fails must not keep what others have.
                if (await _helper.EraseAsync(helper, name, cancellationToken).ConfigureAwait(false) is { } problem)
                    failure ??= new CredentialStoreException(file.Path, problem);
                else
                    removed.Add(new StoredCredential(file.Path, CredentialHelper.ProgramOf(helper)));
            }

            if (file.HasPlainSecret)
                removed.Add(new StoredCredential(file.Path, Helper: null));
            file.Remove();
        }

        return failure is null ? removed : throw failure;
    }

    private bool IsNamed => _options.AuthFile is not null || _options.EnvironmentVariable("REGISTRY_AUTH_FILE") is { Length: > 0 };

    private List<AuthFileEditor> Files(string registry)
    {
        IReadOnlyList<string> paths = _options.AuthFile is { } named ? [named] : AuthFile.Paths(_options.EnvironmentVariable);
        return paths.Count > 0 ? [.. paths.Select(path => AuthFileEditor.Open(path, registry))]
            : throw new RegistryUsageException("There is no home folder to keep credentials in: name a file for them.");
    }
}
