namespace WinLayers.Oci.Registries.Auth;

/// <summary>An access token and until when to use it.</summary>
/// <param name="Value">The token.</param>
/// <param name="UseUntil">A little before it ends.</param>
/// <param name="RefreshToken">A new identity token that came with it.</param>
internal sealed record AccessToken(string Value, DateTimeOffset UseUntil, string? RefreshToken)
{
    public override string ToString() => $"access token until {UseUntil:O}";
}
