using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WinLayers.Oci.Registries.Transport;

/// <summary>
/// Certificate authorities of a file, trusted beside the system's. They never excuse a wrong host name or an expired certificate.
/// </summary>
internal static class TlsTrust
{
    /// <summary>TLS options that trust the file's authorities too.</summary>
    /// <exception cref="RegistryUsageException">The file cannot be read or holds no certificate.</exception>
    public static SslClientAuthenticationOptions Create(string? caFile)
    {
        var options = new SslClientAuthenticationOptions();
        if (caFile is null)
            return options;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new RegistryUsageException($"The certificate authorities of '{caFile}' cannot be read: {e.Message}", e);
        }

        if (authorities.Count == 0)
            throw new RegistryUsageException($"The file '{caFile}' holds no certificate in PEM form.");
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsTrusted(certificate, chain, authorities));
        return options;
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? presented, X509Certificate2Collection authorities)
    {
        if (certificate is not X509Certificate2 leaf)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication
        if (presented is not null)
        {
            foreach (X509ChainElement element in presented.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }
}
