using System.Net.Http.Headers;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>What a transport asks for credentials. It sends them to the origin of the request's endpoint alone.</summary>
internal interface IRequestAuthenticator
{
    /// <summary>The header for a request, as far as is known what the origin asks for; null sends it anonymously.</summary>
    Task<AuthenticationHeaderValue?> AuthorizeAsync(RegistryRequest request, CancellationToken cancellationToken);

    /// <summary>Learns from a 401, so that the next <see cref="AuthorizeAsync"/> gives what it asks for.</summary>
    /// <exception cref="RegistryAuthenticationException">Nothing better can be given.</exception>
    Task AnswerAsync(
        RegistryRequest request, HttpResponseMessage response, AuthenticationHeaderValue? used, bool lastChance,
            CancellationToken cancellationToken);
}
