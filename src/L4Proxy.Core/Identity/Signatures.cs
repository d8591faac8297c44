using System.Formats.Asn1;
using System.Security.Cryptography;

namespace L4Proxy.Core.Identity;

/// <summary>Checks the signature of a CA over a certificate or a revocation list. SHA-1 and MD5 are not believed.</summary>
internal static class Signatures
{
    private const string Pss = "1.2.840.113549.1.1.10";

    /// <param name="signed">The bytes the signature is over.</param>
    /// <param name="algorithm">AlgorithmIdentifier, DER.</param>
    /// <param name="signature">The bits of the signature.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo of the signer.</param>
    /// <returns>False also for keys and algorithms that are not supported.</returns>
    public static bool Verify(ReadOnlyMemory<byte> signed, ReadOnlyMemory<byte> algorithm, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> publicKey)
    {
        try
        {
            if (KeyRules.Problem(publicKey).Length > 0)
            {
                return false;
            }
            var parts = new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence();
            return Der509.ObjectIdentifier(parts) switch
            {
                "1.2.840.10045.4.3.2" => Ecdsa(HashAlgorithmName.SHA256),
                "1.2.840.10045.4.3.3" => Ecdsa(HashAlgorithmName.SHA384),
                "1.2.840.10045.4.3.4" => Ecdsa(HashAlgorithmName.SHA512),
                "1.2.840.113549.1.1.11" => Rsa(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                "1.2.840.113549.1.1.12" => Rsa(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
                "1.2.840.113549.1.1.13" => Rsa(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
                Pss => PssHash(parts) is { } hash && Rsa(hash, RSASignaturePadding.Pss),
                _ => false,
            };
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            return false;
        }

        bool Ecdsa(HashAlgorithmName hash)
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey.Span, out _);
            return key.VerifyData(signed.Span, signature.Span, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        bool Rsa(HashAlgorithmName hash, RSASignaturePadding padding)
        {
            using var key = RSA.Create();
            key.ImportSubjectPublicKeyInfo(publicKey.Span, out _);
            return key.VerifyData(signed.Span, signature.Span, hash, padding);
        }
    }

    /// <summary>RFC 4055 §3.1, in the one form CAs use: one hash for message and mask, salt as long as the hash. Null for anything else.</summary>
    private static HashAlgorithmName? PssHash(AsnReader algorithm)
    {
        var parameters = algorithm.ReadSequence();
        var hash = Der509.ObjectIdentifier(parameters.ReadSequence(Der509.Context(0)).ReadSequence());
        var mask = parameters.ReadSequence(Der509.Context(1)).ReadSequence();
        var (name, length) = hash switch
        {
            "2.16.840.1.101.3.4.2.1" => (HashAlgorithmName.SHA256, 32),
            "2.16.840.1.101.3.4.2.2" => (HashAlgorithmName.SHA384, 48),
            "2.16.840.1.101.3.4.2.3" => (HashAlgorithmName.SHA512, 64),
            _ => default,
        };
        return length > 0
            && Der509.ObjectIdentifier(mask) == "1.2.840.113549.1.1.8"
            && Der509.ObjectIdentifier(mask.ReadSequence()) == hash
            && parameters.ReadSequence(Der509.Context(2)).ReadInteger() == length
            ? name
            : null;
    }
}
