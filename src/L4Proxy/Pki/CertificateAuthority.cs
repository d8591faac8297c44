using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Pki;

/// <summary>What a workload is given.</summary>
/// <param name="ChainPem">The leaf, then its intermediate.</param>
/// <param name="KeyPem">PKCS#8.</param>
internal sealed record IssuedLeaf(string ChainPem, string KeyPem, DateTimeOffset NotAfter);

/// <summary>A root and the one intermediate below it, both with their keys.</summary>
internal sealed record CertificateAuthority(X509Certificate2 Root, X509Certificate2 Intermediate) : IDisposable
{
    // Istio's CA dates leaves back by as much: clocks of nodes differ.
    private static readonly TimeSpan _leafBackdate = TimeSpan.FromMinutes(2);

    // An issuer must have been valid before what it issues, also when it was made a second ago.
    private static readonly TimeSpan _authorityBackdate = TimeSpan.FromMinutes(10);

    /// <summary>Null if the root is none that <see cref="Create"/> made.</summary>
    public string? TrustDomain => CertificateProfile.TrustDomain(Root);

    public static CertificateAuthority Create(string trustDomain, DateTimeOffset now, TimeSpan lifetime)
    {
        DateTimeOffset from = now - _authorityBackdate, until = now + lifetime;
        var uri = $"spiffe://{trustDomain}";
        // Names never repeat: two roots of one name that are trusted at once are taken for each other by several chain engines.
        var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

        using var rootKey = NewKey();
        var root = CertificateProfile.Authority(rootKey, $"root {name}", uri, pathLength: 1).CreateSelfSigned(from, until);
        using var intermediateKey = NewKey();
        var request = CertificateProfile.Authority(intermediateKey, $"intermediate {name}", uri, pathLength: 0);
        using var intermediate = Sign(request, root, from, until);
        return new CertificateAuthority(root, intermediate.CopyWithPrivateKey(intermediateKey));
    }

    /// <exception cref="PkiException">The authority does not live as long as the leaf would.</exception>
    public IssuedLeaf Issue(string spiffeId, DateTimeOffset now, TimeSpan lifetime)
    {
        var until = now + lifetime;
        CheckOutlives(until);
        using var key = NewKey();
        using var leaf = Sign(CertificateProfile.Leaf(key, spiffeId), Intermediate, now - _leafBackdate, until);
        return new IssuedLeaf(
            $"{leaf.ExportCertificatePem()}\n{Intermediate.ExportCertificatePem()}\n", $"{key.ExportPkcs8PrivateKeyPem()}\n", until);
    }

    public bool Issued(X509Certificate2 leaf) => leaf.IssuerName.RawData.AsSpan().SequenceEqual(Intermediate.SubjectName.RawData);

    /// <exception cref="PkiException">It ends before <paramref name="until"/>.</exception>
    public void CheckOutlives(DateTimeOffset until)
    {
        var end = new DateTimeOffset(Intermediate.NotAfter < Root.NotAfter ? Intermediate.NotAfter : Root.NotAfter);
        if (end < until)
        {
            throw new PkiException(
                $"the root expires at {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, before a leaf would; give a shorter --ttl, or begin a new root with --new-root");
        }
    }

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer, DateTimeOffset from, DateTimeOffset until)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        // RFC 5280 §4.1.2.2: positive, at most 20 bytes, not to be guessed.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x3F | 0x40);
        return request.Create(issuer, from, until, serial);
    }
}
