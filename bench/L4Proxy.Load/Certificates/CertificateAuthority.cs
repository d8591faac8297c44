using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Load.Certificates;

/// <summary>
/// Root and intermediate of a throw-away mesh, ECDSA P-256 throughout, which is what meshes issue; a chain of leaf and intermediate is
/// sent, so every handshake carries and checks two signatures of certificates besides its own.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid s_clientAuthentication = new("1.3.6.1.5.5.7.3.2");

    // Whole seconds, as certificates have them: a fraction more than the issuer's end would be refused.
    private readonly DateTimeOffset _from = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 120);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    internal CertificateAuthority()
    {
        using var rootKey = NewKey();
        var root = Authority("CN=load root", rootKey, pathLength: 1);
        _root = root.CreateSelfSigned(_from, Until);
        using var key = NewKey();
        var intermediate = Authority("CN=load intermediate", key, pathLength: 0);
        using var signed = Sign(intermediate, _root);
        _intermediate = signed.CopyWithPrivateKey(key);
    }

    private DateTimeOffset Until => _from.AddHours(24);

    /// <summary>Writes a new identity into <paramref name="directory"/>.</summary>
    internal Credentials Issue(string spiffeId, string directory)
    {
        using var key = NewKey();
        var request = new CertificateRequest($"CN={MeshCredentials.ServerName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(spiffeId));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([s_serverAuthentication, s_clientAuthentication], false));
        request.CertificateExtensions.Add(names.Build(critical: true));
        using var leaf = Sign(request, _intermediate);
        var chain = $"{leaf.ExportCertificatePem()}\n{_intermediate.ExportCertificatePem()}\n";
        var keyText = key.ExportPkcs8PrivateKeyPem() + "\n";
        Directory.CreateDirectory(directory);
        return new Credentials(
            spiffeId,
            Write("cert-chain.pem", chain),
            Write("key.pem", keyText),
            Write("chain-and-key.pem", chain + keyText),
            Write("root-cert.pem", _root.ExportCertificatePem() + "\n"));

        string Write(string name, string text)
        {
            var path = Path.Combine(directory, name);
            File.WriteAllText(path, text);
            return path;
        }
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CertificateRequest Authority(string subject, ECDsa key, int pathLength)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        return request.Create(issuer, _from, Until, RandomNumberGenerator.GetBytes(16));
    }
}
