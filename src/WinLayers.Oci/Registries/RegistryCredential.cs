namespace WinLayers.Oci.Registries;

/// <summary>What proves to a registry who asks. Its text form never holds the secret.</summary>
public sealed class RegistryCredential
{
    private RegistryCredential(CredentialKind kind, string user, string secret)
    {
        Kind = kind;
        User = user;
        Secret = secret;
    }

    /// <summary>The user's name; empty for tokens.</summary>
    public string User { get; }

    internal CredentialKind Kind { get; }

    internal string Secret { get; }

    /// <summary>A user and a password, or an access token used as one.</summary>
    public static RegistryCredential FromPassword(string user, string password)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        return new RegistryCredential(CredentialKind.Password, user, password);
    }

    /// <summary>An identity token: a refresh token that the registry's token server exchanges for access tokens.</summary>
    public static RegistryCredential FromIdentityToken(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new RegistryCredential(CredentialKind.IdentityToken, "", token);
    }

    /// <summary>An access token, sent to the registry as it is.</summary>
    public static RegistryCredential FromAccessToken(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new RegistryCredential(CredentialKind.AccessToken, "", token);
    }

    /// <summary>The kind and the user, never the secret.</summary>
    public override string ToString() => User.Length == 0 ? $"{Kind}" : $"{Kind} of {User}";
}

/// <summary>How a credential is used.</summary>
internal enum CredentialKind
{
    Password,
    IdentityToken,
    AccessToken,
}
