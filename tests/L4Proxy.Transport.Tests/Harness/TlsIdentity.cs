using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Transport.Tests.Harness;

/// <summary>One self-signed certificate for both ends of every TLS connection of the tests: who is who is not the subject here.</summary>
internal static class TlsIdentity
{
    public static readonly SslStreamCertificateContext Context = MakeContext();

    public static SslServerAuthenticationOptions Server(SslProtocols version, RemoteCertificateValidationCallback? judge = null) => new()
    {
        ServerCertificateContext = Context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = version,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = judge ?? Trust,
    };

    public static SslClientAuthenticationOptions Client(SslProtocols version, RemoteCertificateValidationCallback? judge = null) => new()
    {
        TargetHost = "peer.test",
        ClientCertificateContext = Context,
        EnabledSslProtocols = version,
        AllowTlsResume = false,
        AllowRenegotiation = false,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = judge ?? Trust,
    };

    private static bool Trust(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static X509ChainPolicy Policy() => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    private static SslStreamCertificateContext MakeContext()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peer.test", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        var certificate = request.CreateSelfSigned(now.AddMinutes(-2), now.AddHours(24));
        return SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }
}
