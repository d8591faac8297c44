using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>What a certificate of a test is to look like; good as it begins, and then bent by the test.</summary>
internal sealed class CertificateShape
{
    public string Subject { get; set; } = "";

    public required PublicKey Key { get; set; }

    public DateTime NotBefore { get; set; } = Authority.Now.AddMinutes(-2);

    public DateTime NotAfter { get; set; } = Authority.Now.AddHours(24);

    /// <summary>By object identifier; null or absent: without.</summary>
    public Dictionary<string, X509Extension?> Extensions { get; } = new(StringComparer.Ordinal);

    public X509KeyUsageFlags KeyUsage
    {
        set => Set(new X509KeyUsageExtension(value, critical: true));
    }

    public string[] Purposes
    {
        set => Set(new X509EnhancedKeyUsageExtension([.. value.Select(purpose => new Oid(purpose))], critical: false));
    }

    /// <summary>URI SANs, exactly these bytes.</summary>
    public string[] Uris
    {
        set => Set(Names(critical: true, [.. value.Select(uri => (6, uri))]));
    }

    public static CertificateShape Leaf(string id)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shape = new CertificateShape { Key = new PublicKey(key), Uris = [id], KeyUsage = X509KeyUsageFlags.DigitalSignature };
        shape.Purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
        shape.Set(new X509BasicConstraintsExtension(false, false, 0, true));
        return shape;
    }

    public static CertificateShape SigningCertificate(string name, AsymmetricAlgorithm key)
    {
        var shape = new CertificateShape
        {
            Subject = name,
            Key = key is RSA rsa ? new PublicKey(rsa) : new PublicKey((ECDsa)key),
            NotBefore = Authority.Now.AddDays(-1),
            NotAfter = Authority.Now.AddDays(365),
            KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        };
        shape.Set(new X509BasicConstraintsExtension(true, false, 0, true));
        return shape;
    }

    public void Set(X509Extension extension) => Extensions[extension.Oid!.Value!] = extension;

    public void Remove(string oid) => Extensions.Remove(oid);

    public static string KeyUsageId => "2.5.29.15";

    public static string NamesId => "2.5.29.17";

    /// <summary>A subject alternative name of any kinds (RFC 5280 §4.2.1.6: 1 email, 2 DNS, 6 URI) with bytes no builder would let through.</summary>
    public static X509Extension Names(bool critical, params (int Kind, string Name)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (kind, name) in names)
            {
                writer.WriteOctetString(System.Text.Encoding.Latin1.GetBytes(name), new Asn1Tag(TagClass.ContextSpecific, kind));
            }
        }
        return new X509Extension(NamesId, writer.Encode(), critical);
    }

    public X509Certificate2 Sign(X500DistinguishedName issuer, X509SignatureGenerator signer, byte[] serial)
    {
        var hash = HashAlgorithmName.SHA256;
        var request = new CertificateRequest(new X500DistinguishedName(Subject), Key, hash);
        foreach (var extension in Extensions.Values.OfType<X509Extension>())
        {
            request.CertificateExtensions.Add(extension);
        }
        return request.Create(issuer, signer, new DateTimeOffset(NotBefore), new DateTimeOffset(NotAfter), serial);
    }
}
