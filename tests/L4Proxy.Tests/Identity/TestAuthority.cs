using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace L4Proxy.Tests.Identity;

/// <summary>A CA of a test, with whatever flaw the test wants: root or intermediate, and the leaves it signs.</summary>
internal sealed class TestAuthority
{
    private static long _serial = 1000;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _now;

    private TestAuthority(string name, DateTimeOffset now, TestAuthority? issuer, TimeSpan lifetime)
    {
        _now = now;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var (from, until) = (now.AddDays(-400), now + lifetime);
        Certificate = issuer is null
            ? request.CreateSelfSigned(from, until)
            : issuer.Sign(request, from, until).CopyWithPrivateKey(_key);
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    public static TestAuthority Root(DateTimeOffset now, string name = "root", TimeSpan? lifetime = null) =>
        new(name, now, issuer: null, lifetime ?? TimeSpan.FromDays(1000));

    public TestAuthority Intermediate(string name = "intermediate", TimeSpan? lifetime = null) => new(name, _now, this, lifetime ?? TimeSpan.FromDays(900));

    /// <summary>A leaf that keeps every rule, except as told.</summary>
    public TestLeaf Issue(
        string id = "spiffe://cluster.local/ns/demo/sa/web", DateTimeOffset? from = null, DateTimeOffset? until = null, AsymmetricAlgorithm? key = null,
        string? second = null, string purposes = "1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2")
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is ECDsa elliptic
            ? new CertificateRequest("", elliptic, HashAlgorithmName.SHA256)
            : new CertificateRequest("", (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var uri in new[] { id, second }.OfType<string>())
        {
            names.AddUri(new Uri(uri));
        }
        request.CertificateExtensions.Add(names.Build(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var usages = new OidCollection();
        Array.ForEach(purposes.Split(' '), purpose => usages.Add(new Oid(purpose)));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        return new TestLeaf(Sign(request, from ?? _now.AddMinutes(-2), until ?? _now.AddHours(24)), key);
    }

    /// <summary>A revocation list of this CA in PEM.</summary>
    public string RevocationList(params ReadOnlySpan<X509Certificate2> revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate, _now.AddMinutes(-1));
        }
        return PemEncoding.WriteString("X509 CRL", builder.Build(Certificate, 1, _now.AddDays(7), HashAlgorithmName.SHA256, thisUpdate: _now.AddMinutes(-1)));
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset from, DateTimeOffset until)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        return request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), from, until, BitConverter.GetBytes(Interlocked.Increment(ref _serial)));
    }
}

/// <summary>A leaf and its key, in every form files have.</summary>
internal sealed record TestLeaf(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public string Pem => Certificate.ExportCertificatePem();

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem();

    public string TraditionalKeyPem => Key is ECDsa elliptic ? elliptic.ExportECPrivateKeyPem() : ((RSA)Key).ExportRSAPrivateKeyPem();

    public string EncryptedKeyPem =>
        Key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));

    public byte[] Der => Certificate.RawData;

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
