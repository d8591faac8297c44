using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>What one certificate says about itself.</summary>
/// <param name="Id">The SPIFFE ID it names; null when the rules refuse it. Not proven: nobody has looked at who signed it.</param>
/// <param name="Refusal">Null when the rules are kept.</param>
/// <param name="Detail">For a person; null when the rules are kept.</param>
public readonly record struct SvidInspection(SpiffeId? Id, CloseReason? Refusal, string? Detail)
{
    [MemberNotNullWhen(true, nameof(Id))]
    public bool Kept => Refusal is null && Id is not null;
}

/// <summary>The rules of an X.509-SVID that a single certificate can keep or break (SPIFFE X509-SVID §2 to §4). Chains, times and trust are elsewhere.</summary>
public static class SvidRules
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string KeyUsage = "2.5.29.15";
    private const string BasicConstraints = "2.5.29.19";
    private const string ExtendedKeyUsage = "2.5.29.37";

    // KeyUsage is a bit string whose bit 0 is the highest of its first byte (RFC 5280 §4.2.1.3).
    private const int DigitalSignature = 0x80;
    private const int KeyCertSign = 0x04;
    internal const int CrlSign = 0x02;

    /// <summary>Judges a leaf: a peer's, or our own before it is used.</summary>
    public static SvidInspection InspectLeaf(X509Certificate2 leaf, PeerRole role) =>
        CertificateFields.TryRead(leaf.RawDataMemory, out var fields)
            ? InspectLeaf(fields, role)
            : Invalid($"the leaf is not a DER certificate of at most {CertificateFields.MaxSize / 1024} KiB");

    /// <summary>Judges a certificate that signs others: an anchor of a bundle, or an intermediate.</summary>
    /// <returns>What is wrong, as the end of a sentence; empty when nothing is.</returns>
    public static string InspectSigningCertificate(X509Certificate2 certificate) =>
        CertificateFields.TryRead(certificate.RawDataMemory, out var fields)
            ? SigningProblem(fields, isAnchor: true)
            : $"it is not a DER certificate of at most {CertificateFields.MaxSize / 1024} KiB";

    internal static SvidInspection InspectLeaf(CertificateFields leaf, PeerRole role)
    {
        try
        {
            var names = SubjectNames.Read(leaf.Extensions.GetValueOrDefault(SubjectAlternativeName).Value);
            var problem = LeafProblem(leaf, names);
            if (problem.Length > 0)
            {
                return Invalid(problem);
            }
            if (!SpiffeId.TryParse(names.Uris[0], out var id, out problem))
            {
                return Invalid($"the URI in the leaf is no SPIFFE ID: {problem}");
            }
            if (id.Path.Length == 0)
            {
                return Invalid($"the leaf names a trust domain ({id}) and no workload");
            }
            return Allows(leaf, role)
                ? new SvidInspection(id, null, null)
                : new SvidInspection(null, CloseReason.TlsWrongEku, $"the leaf's extended key usage lacks {(role == PeerRole.Server ? "serverAuth" : "clientAuth")}");
        }
        catch (AsnContentException)
        {
            return Invalid("an extension of the leaf is malformed");
        }
    }

    /// <param name="certificate">Intermediate or anchor.</param>
    /// <param name="isAnchor">RFC 5280 §6.1.1 takes only name and key from an anchor; one without any key usage is as OpenSSL's <c>req -x509</c> makes it, and is let pass.</param>
    internal static string SigningProblem(CertificateFields certificate, bool isAnchor)
    {
        try
        {
            if (!IsAuthority(certificate))
            {
                return "it is not a CA certificate (basicConstraints)";
            }
            var usage = Usage(certificate);
            if (usage is null ? !isAnchor : (usage & KeyCertSign) == 0)
            {
                return "its key usage lacks keyCertSign";
            }
            var names = SubjectNames.Read(certificate.Extensions.GetValueOrDefault(SubjectAlternativeName).Value);
            if (names.Problem.Length > 0 || names.Uris.Count > 1 || names.Uris.Any(uri => !MayNameAuthority(uri)))
            {
                return "it is a CA certificate, which may name one trust domain and nothing else by URI";
            }
            return KeyRules.Problem(certificate.PublicKey);
        }
        catch (AsnContentException)
        {
            return "an extension of it is malformed";
        }
    }

    internal static bool MaySignLists(CertificateFields authority) => Usage(authority) is not { } usage || (usage & CrlSign) != 0;

    private static bool MayNameAuthority(string uri) =>
        !uri.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase) || (SpiffeId.TryParse(uri, out var id, out _) && id.Path.Length == 0);

    private static string LeafProblem(CertificateFields leaf, SubjectNames names)
    {
        if (names.Problem.Length > 0)
        {
            return names.Problem;
        }
        if (names.Uris.Count != 1)
        {
            return names.Uris.Count == 0 ? "the leaf has no URI SAN, so it names nobody" : $"the leaf has {names.Uris.Count} URI SANs, so whom it names is ambiguous";
        }
        if (leaf.SubjectIsEmpty && !leaf.Extensions[SubjectAlternativeName].Critical)
        {
            return "the leaf has an empty subject and a SAN that is not critical";   // RFC 5280 §4.2.1.6
        }
        if (IsAuthority(leaf))
        {
            return "the leaf is a CA certificate";
        }
        if (Usage(leaf) is not { } usage || (usage & DigitalSignature) == 0)
        {
            return "the leaf's key usage lacks digitalSignature";
        }
        if ((usage & (KeyCertSign | CrlSign)) != 0)
        {
            return "the leaf's key usage lets it sign certificates or lists";
        }
        if (!leaf.Extensions[KeyUsage].Critical)
        {
            return "the leaf's key usage is not marked critical";
        }
        var key = KeyRules.Problem(leaf.PublicKey);
        return key.Length == 0 ? "" : $"the leaf's key: {key}";
    }

    // anyExtendedKeyUsage does not count: X509-SVID §4.4 wants the purposes by name, and RFC 5280 §4.2.1.12 lets an application refuse
    // a leaf that has only "any". OpenSSL does so too.
    private static bool Allows(CertificateFields leaf, PeerRole role)
    {
        if (!leaf.Extensions.TryGetValue(ExtendedKeyUsage, out var extension))
        {
            return true;
        }
        var purposes = new AsnReader(extension.Value, AsnEncodingRules.DER).ReadSequence();
        while (purposes.HasData)
        {
            if (string.Equals(Der509.ObjectIdentifier(purposes), Purpose(role), StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }

    internal static string Purpose(PeerRole role) => role == PeerRole.Server ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";

    private static bool IsAuthority(CertificateFields certificate)
    {
        if (!certificate.Extensions.TryGetValue(BasicConstraints, out var extension))
        {
            return false;
        }
        var constraints = new AsnReader(extension.Value, AsnEncodingRules.DER).ReadSequence();
        return constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
    }

    /// <summary>First byte of the bits; null without the extension. (decipherOnly, the only bit of the second, concerns nobody here.)</summary>
    private static int? Usage(CertificateFields certificate)
    {
        if (!certificate.Extensions.TryGetValue(KeyUsage, out var extension))
        {
            return null;
        }
        var bits = new AsnReader(extension.Value, AsnEncodingRules.DER).ReadBitString(out _);
        return bits.Length == 0 ? 0 : bits[0];
    }

    private static SvidInspection Invalid(string detail) => new(null, CloseReason.TlsInvalidSvid, detail);
}
