using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace L4Proxy.Core.Identity;

/// <summary>One extension of a certificate or a revocation list.</summary>
internal readonly record struct Extension(bool Critical, ReadOnlyMemory<byte> Value);

/// <summary>
/// A certificate taken apart by the lengths in its DER (RFC 5280 §4.1). The BCL's view of the same bytes formats names as text and times
/// as local time; both have let attackers or a change of the clocks say something else than what was signed.
/// </summary>
internal sealed class CertificateFields
{
    /// <summary>No real one comes near: a P-256 leaf has 700 bytes, an RSA-8192 one with a hundred names 10 KiB.</summary>
    public const int MaxSize = 64 * 1024;

    private CertificateFields(ReadOnlyMemory<byte> der)
    {
        Der = der;
        var certificate = new AsnReader(der, AsnEncodingRules.DER);
        var parts = certificate.ReadSequence();
        certificate.ThrowIfNotEmpty();
        Signed = parts.PeekEncodedValue();
        var signed = parts.ReadSequence();
        SignatureAlgorithm = parts.ReadEncodedValue();
        Signature = Der509.BitString(parts);
        parts.ThrowIfNotEmpty();

        if (signed.PeekTag() == Der509.Context(0))
        {
            var version = signed.ReadSequence(Der509.Context(0));
            _ = version.ReadInteger();
            version.ThrowIfNotEmpty();
        }
        Serial = signed.ReadInteger();
        if (!signed.ReadEncodedValue().Span.SequenceEqual(SignatureAlgorithm.Span))
        {
            throw new AsnContentException("its two signature algorithms differ");   // RFC 5280 §4.1.1.2
        }
        Issuer = signed.ReadEncodedValue();
        var validity = signed.ReadSequence();
        NotBefore = Der509.Time(validity);
        NotAfter = Der509.Time(validity);
        validity.ThrowIfNotEmpty();
        Subject = signed.ReadEncodedValue();
        PublicKey = signed.ReadEncodedValue();
        Extensions = new Dictionary<string, Extension>(StringComparer.Ordinal);
        while (signed.HasData)
        {
            var tag = signed.PeekTag();
            if (tag == Der509.Context(3))
            {
                var outer = signed.ReadSequence(tag);
                Extensions = Der509.Extensions(outer.ReadSequence());
                outer.ThrowIfNotEmpty();
            }
            else
            {
                _ = signed.ReadEncodedValue();   // the unique identifiers of version 2
            }
        }
    }

    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The bytes the signature is over.</summary>
    public ReadOnlyMemory<byte> Signed { get; }

    public ReadOnlyMemory<byte> SignatureAlgorithm { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    public BigInteger Serial { get; }

    /// <summary>Name as encoded. Compared by bytes: RFC 5280 §4.1.2.4 makes a CA write its name one way.</summary>
    public ReadOnlyMemory<byte> Issuer { get; }

    public ReadOnlyMemory<byte> Subject { get; }

    /// <summary>SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>UTC; good from this second on.</summary>
    public DateTime NotBefore { get; }

    /// <summary>UTC; good to this second and no longer.</summary>
    public DateTime NotAfter { get; }

    public Dictionary<string, Extension> Extensions { get; }

    /// <summary>A name that is an empty sequence.</summary>
    public bool SubjectIsEmpty => Subject.Length == 2;

    public bool IsSelfIssued => Subject.Span.SequenceEqual(Issuer.Span);

    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out CertificateFields? fields)
    {
        fields = null;
        try
        {
            fields = der.Length <= MaxSize ? new CertificateFields(der) : null;
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or ArgumentException)
        {
            // Not a certificate as RFC 5280 writes them: whoever asked says what follows from it.
        }
        return fields is not null;
    }
}
