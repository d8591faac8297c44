using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Identity;

/// <summary>The private key of our leaf: ECDSA or RSA.</summary>
internal sealed class LeafKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly byte[] _publicKey;

    private LeafKey(AsymmetricAlgorithm key)
    {
        _key = key;
        _publicKey = key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Reads the one key of a PEM file: PKCS#8, SEC 1 (EC) or PKCS#1 (RSA). Certificates and parameters beside it are passed over.</summary>
    /// <exception cref="IdentityException">There is none or more than one, or it is encrypted, damaged or of a kind that TLS cannot use here.</exception>
    public static LeafKey Of(IdentityFile file)
    {
        var keys = PemBlock.ReadAll(file).Where(block => block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)).ToList();
        if (keys is not [var block])
        {
            throw keys.Count == 0
                ? file.Refuse("has no PRIVATE KEY in it; write the key of the certificate into it")
                : file.Refuse($"has {keys.Count} private keys, and it is not said which is meant; leave the one of the certificate", keys[1].Line);
        }
        if (block.IsEncrypted || block.Label == "ENCRYPTED PRIVATE KEY")
        {
            throw file.Refuse("the key is encrypted, and there is nobody to ask for the passphrase; decrypt it with 'openssl pkey'", block.Line);
        }
        try
        {
            return new LeafKey(Import(file, block));
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException)
        {
            // Nothing of the reason is repeated: it may speak about the content.
            throw file.Refuse($"the {block.Label} that begins here is damaged; write it again", block.Line);
        }
    }

    /// <summary>Whether the certificate is about this key.</summary>
    public bool IsOf(X509Certificate2 certificate) => _key switch
    {
        ECDsa => Matches(certificate.GetECDsaPublicKey()),
        _ => Matches(certificate.GetRSAPublicKey()),
    };

    public X509Certificate2 JoinTo(X509Certificate2 certificate) =>
        _key is ECDsa elliptic ? certificate.CopyWithPrivateKey(elliptic) : certificate.CopyWithPrivateKey((RSA)_key);

    public void Dispose() => _key.Dispose();

    private bool Matches(AsymmetricAlgorithm? other)
    {
        using (other)
        {
            return other is not null && other.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_publicKey);
        }
    }

    private static AsymmetricAlgorithm Import(IdentityFile file, PemBlock block) => block.Label switch
    {
        "EC PRIVATE KEY" => Import(ECDsa.Create(), key => key.ImportECPrivateKey(block.Der, out _)),
        "RSA PRIVATE KEY" => Import(RSA.Create(), key => key.ImportRSAPrivateKey(block.Der, out _)),
        "PRIVATE KEY" => AlgorithmOf(block.Der) switch
        {
            "1.2.840.10045.2.1" => Import(ECDsa.Create(), key => key.ImportPkcs8PrivateKey(block.Der, out _)),
            "1.2.840.113549.1.1.1" => Import(RSA.Create(), key => key.ImportPkcs8PrivateKey(block.Der, out _)),
            "1.3.101.112" => throw Unsupported(file, block, "an Ed25519 key"),
            "1.3.101.113" => throw Unsupported(file, block, "an Ed448 key"),
            var algorithm => throw Unsupported(file, block, $"a key of the algorithm {algorithm}"),
        },
        _ => throw Unsupported(file, block, $"an {block.Label}"),
    };

    private static IdentityException Unsupported(IdentityFile file, PemBlock block, string what) =>
        file.Refuse($"holds {what}, which TLS cannot use here; use ECDSA P-256, another NIST curve, or RSA", block.Line);

    private static AsymmetricAlgorithm Import<T>(T key, Action<T> import) where T : AsymmetricAlgorithm
    {
        try
        {
            import(key);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>PKCS#8 (RFC 5958): version, then the algorithm.</summary>
    private static string AlgorithmOf(byte[] pkcs8)
    {
        var info = new AsnReader(pkcs8, AsnEncodingRules.BER).ReadSequence();
        _ = info.ReadInteger();
        return info.ReadSequence().ReadObjectIdentifier();
    }
}
