using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WinLayers.IntegrationTests.Registry;

/// <summary>
/// A certificate authority that nobody trusts who is not told to, and what it vouches for: this machine, by its address and its name.
/// </summary>
internal sealed class TestAuthority
{
    private readonly string _certificate;
    private readonly string _key;

    public TestAuthority(string folder)
    {
        DateTimeOffset start = DateTimeOffset.UtcNow.AddHours(-1), end = start.AddDays(2);
        using var authorityKey = RSA.Create(2048);
        var authorityRequest =
            new CertificateRequest("CN=WinLayers test authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(start, end);

        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using X509Certificate2 server = request.Create(authority, start, end, [1, 2, 3, 4]);

        File = Path.Combine(folder, "ca.pem");
        System.IO.File.WriteAllText(File, authority.ExportCertificatePem());
        _certificate = server.ExportCertificatePem();
        _key = key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>The authority's own certificate, for <c>--tls-ca</c>.</summary>
    public string File { get; }

    /// <summary>The certificate of a server on this machine, with its key.</summary>
    public X509Certificate2 OpenServer() => X509Certificate2.CreateFromPem(_certificate, _key);

    public void WriteServer(string certificateFile, string keyFile)
    {
        System.IO.File.WriteAllText(certificateFile, _certificate);
        System.IO.File.WriteAllText(keyFile, _key);
    }
}
