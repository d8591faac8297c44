using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Tests.Tls;

/// <summary>A certificate authority with its key, ECDSA P-256.</summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    private Authority(X509Certificate2 certificate) => _certificate = certificate;

    public string Pem => _certificate.ExportCertificatePem();

    public static Authority Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return new(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30)));
    }

    public Authority Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        using var certificate = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), Serial());
        return new(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>A leaf as Istio's CA makes them: empty subject, critical names, one key usage.</summary>
    public (X509Certificate2 Certificate, ECDsa Key) Leaf(string id, LeafRequest wanted)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(wanted.IsAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | (wanted.IsAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.None), true));
        if (wanted.Usages.Count > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. wanted.Usages.Select(usage => new Oid(usage))], false));
        }
        var uris = wanted.Uris ?? [id];
        if (uris.Count > 0 || wanted.Dns is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var uri in uris)
            {
                names.AddUri(new Uri(uri));
            }
            if (wanted.Dns is { } dns)
            {
                names.AddDnsName(dns);
            }
            request.CertificateExtensions.Add(names.Build(critical: true));
        }
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (wanted.NamesPlaces)
        {
            string[] hosts = [LeafRequest.Place, "ca.example.com"];
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(
                hosts.Select(host => $"http://{host}/ocsp"), hosts.Select(host => $"http://{host}/issuer.crt")));
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(hosts.Select(host => $"http://{host}/ca.crl")));
        }
        return (request.Create(_certificate, DateTimeOffset.UtcNow + wanted.From, DateTimeOffset.UtcNow + wanted.To, Serial()), key);
    }

    /// <summary>A revocation list of this authority, PEM.</summary>
    public string RevocationList(params IEnumerable<string> revokedPem)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var pem in revokedPem)
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            list.AddEntry(certificate, DateTimeOffset.UtcNow.AddMinutes(-1));
        }
        var der = list.Build(_certificate, 1, DateTimeOffset.UtcNow.AddHours(1), HashAlgorithmName.SHA256);
        return PemEncoding.WriteString("X509 CRL", der) + "\n";
    }

    public void Dispose() => _certificate.Dispose();

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest($"O=L4Proxy tests, CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);   // positive, and no leading zero
        return serial;
    }
}
