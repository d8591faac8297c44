using System.Security.Cryptography.X509Certificates;

namespace L4Proxy.Core.Identity;

/// <summary>
/// The anchors of one trust domain: roots, or intermediates where a mesh anchors those. Bundles are never pooled: an anchor vouches for its
/// own domain and no other. Anchors that have expired stay in and are not believed.
/// </summary>
public sealed class TrustBundle
{
    /// <param name="domain">Whose anchors they are.</param>
    /// <param name="anchors">Never disposed by the bundle: handshakes under way may still use them.</param>
    /// <param name="lists">Revocation lists of this domain. With one of them, every CA of a peer's chain needs one (as Envoy has it).</param>
    /// <exception cref="ArgumentException">One of the anchors is no signing certificate: see <see cref="SvidRules.InspectSigningCertificate"/>.</exception>
    public TrustBundle(TrustDomain domain, IReadOnlyList<X509Certificate2> anchors, IReadOnlyList<RevocationList> lists)
    {
        Domain = domain;
        Anchors = [.. anchors.Select(Anchor.Read)];
        Lists = [.. lists];
    }

    public TrustDomain Domain { get; }

    internal Anchor[] Anchors { get; }

    internal RevocationList[] Lists { get; }
}

/// <summary>One anchor, read once.</summary>
/// <param name="Certificate">For the BCL.</param>
/// <param name="Fields">The same, taken apart.</param>
/// <param name="IsRoot">It signed itself.</param>
internal sealed record Anchor(X509Certificate2 Certificate, CertificateFields Fields, bool IsRoot)
{
    public static Anchor Read(X509Certificate2 certificate)
    {
        var problem = SvidRules.InspectSigningCertificate(certificate);
        return problem.Length == 0 && CertificateFields.TryRead(certificate.RawDataMemory, out var fields)
            ? new Anchor(certificate, fields, fields.IsSelfIssued && Signatures.Verify(fields.Signed, fields.SignatureAlgorithm, fields.Signature, fields.PublicKey))
            : throw new ArgumentException($"{certificate.Subject} cannot be an anchor: {problem}", nameof(certificate));
    }
}
