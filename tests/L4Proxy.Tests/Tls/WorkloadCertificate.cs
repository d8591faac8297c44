using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Tests.Tls;

/// <summary>Who a peer is and whom it believes, for SslStream at the other end of our TLS.</summary>
internal sealed class WorkloadCertificate
{
    private readonly SslStreamCertificateContext _certificate;
    private readonly X509Certificate2Collection _roots = [];

    /// <param name="chain">The leaf, then what is above it.</param>
    /// <param name="key">Of the leaf.</param>
    /// <param name="roots">Whom it believes.</param>
    public WorkloadCertificate(string chain, string key, string roots)
    {
        var above = new X509Certificate2Collection();
        above.ImportFromPemFile(chain);
        above.RemoveAt(0);
        _certificate = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(chain, key), above, offline: true);
        _roots.ImportFromPemFile(roots);
    }

    public WorkloadCertificate(Leaf leaf, string roots) : this(leaf.Chain, leaf.Key, roots)
    {
    }

    /// <summary>What <c>pki dev</c> wrote for one workload.</summary>
    public static WorkloadCertificate In(string directory) =>
        new($"{directory}/cert-chain.pem", $"{directory}/key.pem", $"{directory}/root-cert.pem");

    /// <summary>A client as sidecars of the mesh are.</summary>
    public SslClientAuthenticationOptions Client() => new()
    {
        ClientCertificateContext = _certificate,
        ApplicationProtocols = [new("istio")],
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = Chained,
        AllowTlsResume = false,
    };

    /// <summary>A client of an application that has TLS of its own, and no certificate to show.</summary>
    public SslClientAuthenticationOptions ApplicationClient() => new()
    {
        CertificateChainPolicy = Policy(), RemoteCertificateValidationCallback = Chained, AllowTlsResume = false,
    };

    /// <summary>A server that takes any ALPN it is offered and asks for no certificate.</summary>
    public SslServerAuthenticationOptions ApplicationServer() => new()
    {
        ServerCertificateContext = _certificate, ApplicationProtocols = [new("istio")], AllowTlsResume = false,
    };

    /// <summary>A server as sidecars of the mesh are.</summary>
    public SslServerAuthenticationOptions Server() => new()
    {
        ServerCertificateContext = _certificate,
        ClientCertificateRequired = true,
        ApplicationProtocols = [new("istio")],
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = Chained,
        AllowTlsResume = false,
    };

    /// <summary>The ClientHello such a client begins with.</summary>
    public static async Task<byte[]> HelloAsync(SslClientAuthenticationOptions options)
    {
        var wire = new RecordedStream(Stream.Null);
        await using var tls = new SslStream(wire);
        await Assert.ThrowsAsync<IOException>(() => tls.AuthenticateAsClientAsync(options));
        return wire.Written;
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_roots);
        return policy;
    }

    // Mesh certificates have no DNS name that could match.
    private static bool Chained(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
}
