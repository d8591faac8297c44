using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>
/// Judges the certificates of peers by one generation of trust, which never changes. Any thread may ask.
/// </summary>
public sealed class PeerVerifier
{
    /// <summary>Beside the leaf. Meshes send one or two; hostile chains are cut off before anything is built.</summary>
    public const int MaxPresented = 8;

    private readonly TrustDomain _own;
    private readonly FrozenSet<TrustDomain> _aliases;
    private readonly FrozenDictionary<TrustDomain, TrustBundle> _bundles;

    /// <param name="own">Our own trust domain.</param>
    /// <param name="bundles">One per trust domain, ours among them. A domain without one is not believed.</param>
    /// <param name="aliases">Former names of our domain: judged by our bundle, and equal to it where an identity is expected.</param>
    /// <exception cref="ArgumentException">A domain has two bundles, or is an alias and has one of its own.</exception>
    public PeerVerifier(TrustDomain own, IReadOnlyList<TrustBundle> bundles, IReadOnlyList<TrustDomain> aliases)
    {
        _own = own;
        _aliases = aliases.ToFrozenSet();
        var byDomain = new Dictionary<TrustDomain, TrustBundle>();
        foreach (var bundle in bundles)
        {
            if (_aliases.Contains(bundle.Domain) && !bundle.Domain.Equals(own) || !byDomain.TryAdd(bundle.Domain, bundle))
            {
                throw new ArgumentException($"{bundle.Domain} has two bundles, or is an alias and has a bundle of its own", nameof(bundles));
            }
        }
        _bundles = byDomain.ToFrozenDictionary();
    }

    /// <summary>Judges what a peer presented in a handshake.</summary>
    /// <param name="leaf">What it presented first; null when nothing.</param>
    /// <param name="presented">Whatever else it sent, in any order; not trusted.</param>
    /// <param name="role">Which end of TLS it is.</param>
    /// <param name="expected">It must prove one of these; empty: anyone of a domain we have a bundle for.</param>
    /// <param name="utcNow">Now.</param>
    public PeerVerdict Verify(
        X509Certificate2? leaf, X509Certificate2Collection presented, PeerRole role, IReadOnlyCollection<SpiffeId> expected, DateTime utcNow)
    {
        if (leaf is null)
        {
            return PeerVerdict.Refuse(CloseReason.TlsNoPeerCertificate, "the peer showed no certificate");
        }
        if (presented.Count > MaxPresented)
        {
            return PeerVerdict.Refuse(CloseReason.TlsInvalidSvid, $"the peer sent {presented.Count} certificates beside its leaf; at most {MaxPresented} are looked at");
        }
        var certificates = new List<ReadOnlyMemory<byte>> { leaf.RawDataMemory };
        certificates.AddRange(presented.Select(certificate => certificate.RawDataMemory));
        var verdict = Search(certificates, role, utcNow);
        return verdict.Accepted && !IsExpected(verdict.Id, expected)
            ? PeerVerdict.Refuse(CloseReason.TlsSanMismatch, $"expected {string.Join(" or ", expected)} but the peer is {verdict.Id}")
            : verdict;
    }

    /// <summary>
    /// Judges by this generation a peer that was believed by an earlier one and is still connected: after a change of anchors or lists.
    /// </summary>
    public PeerVerdict Judge(PeerChain chain, DateTime utcNow) => Search([.. chain.Certificates], chain.Role, utcNow);

    private PeerVerdict Search(List<ReadOnlyMemory<byte>> certificates, PeerRole role, DateTime utcNow)
    {
        if (!CertificateFields.TryRead(certificates[0], out var leaf))
        {
            return PeerVerdict.Refuse(CloseReason.TlsInvalidSvid, $"the leaf is not a DER certificate of at most {CertificateFields.MaxSize / 1024} KiB");
        }
        var inspection = SvidRules.InspectLeaf(leaf, role);
        if (!inspection.Kept)
        {
            return new PeerVerdict(null, inspection.Refusal, inspection.Detail);
        }
        var domain = inspection.Id.TrustDomain;
        if (!_bundles.TryGetValue(_aliases.Contains(domain) ? _own : domain, out var bundle))
        {
            return PeerVerdict.Refuse(CloseReason.TlsUnknownCa, $"there is no trust bundle for {domain}");
        }
        var others = certificates.Skip(1)
            .Select(der => CertificateFields.TryRead(der, out var fields) ? fields : null).OfType<CertificateFields>().ToArray();
        var refusal = PeerVerdict.Refuse(CloseReason.TlsUnknownCa, $"{inspection.Id} does not chain to an anchor of {bundle.Domain}");
        foreach (var path in new PathSearch(others, bundle.Anchors).From(leaf))
        {
            var problem = TimeProblem(path, utcNow) ?? PathValidation.Problem(path, role, utcNow);
            if (problem is null)
            {
                var chain = new PeerChain(inspection.Id, role, [.. path.Certificates.Select(fields => fields.Der)], path.All.Min(fields => fields.NotAfter));
                return new PeerVerdict(inspection.Id, null, null, chain);
            }
            refusal = problem.Value;
        }
        return refusal;
    }

    private static PeerVerdict? TimeProblem(TrustPath path, DateTime utcNow)
    {
        foreach (var fields in path.All)
        {
            if (utcNow > fields.NotAfter)
            {
                return PeerVerdict.Refuse(CloseReason.TlsExpired, $"expired at {fields.NotAfter:O}");
            }
            if (utcNow < fields.NotBefore)
            {
                return PeerVerdict.Refuse(CloseReason.TlsNotYetValid, $"not valid before {fields.NotBefore:O}");
            }
        }
        return null;
    }

    private bool IsExpected(SpiffeId id, IReadOnlyCollection<SpiffeId> expected) =>
        expected.Count == 0 || expected.Any(other => string.Equals(id.Path, other.Path, StringComparison.Ordinal)
            && Canonical(id.TrustDomain).Equals(Canonical(other.TrustDomain)));

    private TrustDomain Canonical(TrustDomain domain) => _aliases.Contains(domain) ? _own : domain;
}
