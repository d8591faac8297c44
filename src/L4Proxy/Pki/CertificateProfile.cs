using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Pki;

/// <summary>
/// The shapes of certificates that X509-SVID §2 to §4 and RFC 5280 §4.2 ask for; Istio's CA issues the same. Everything is ECDSA on
/// P-256 with SHA-256.
/// </summary>
internal static class CertificateProfile
{
    private static readonly Oid _serverAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid _clientAuth = new("1.3.6.1.5.5.7.3.2");

    /// <param name="key">Key of the certificate.</param>
    /// <param name="commonName">Unlike that of every other authority, or chain engines take one root for another.</param>
    /// <param name="uri">SPIFFE ID of the trust domain itself, without a path.</param>
    /// <param name="pathLength">How many authorities may stand below it.</param>
    public static CertificateRequest Authority(ECDsa key, string commonName, string uri, int pathLength)
    {
        var request = new CertificateRequest($"CN={commonName}, O=L4Proxy development", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(UriName(uri, critical: false));
        return request;
    }

    /// <summary>A leaf without a subject: the SPIFFE ID is its only name, so the extension that carries it must be critical.</summary>
    public static CertificateRequest Leaf(ECDsa key, string spiffeId)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([_serverAuth, _clientAuth], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(UriName(spiffeId, critical: true));
        return request;
    }

    /// <summary>The trust domain that <see cref="Authority"/> wrote into a certificate; null if it is none of ours.</summary>
    public static string? TrustDomain(X509Certificate2 authority)
    {
        var names = authority.Extensions.FirstOrDefault(extension => extension.Oid?.Value == "2.5.29.17");
        if (names is null)
        {
            return null;
        }
        var uri = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence()
            .ReadCharacterString(UniversalTagNumber.IA5String, _uriTag);
        return uri.StartsWith("spiffe://", StringComparison.Ordinal) ? uri["spiffe://".Length..] : null;
    }

    private static readonly Asn1Tag _uriTag = new(TagClass.ContextSpecific, 6);

    // By hand, because the runtime's builder takes a Uri and writes what that makes of the text.
    private static X509Extension UriName(string uri, bool critical)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, _uriTag);
        }
        return new X509Extension("2.5.29.17", writer.Encode(), critical);
    }
}
