using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>
/// Judges the certificates of peers by one generation of trust, which never changes; what it has believed it remembers, and that memory ends
/// with it. Any thread may ask. No network, no clock: the same question has the same answer.
/// </summary>
public sealed class PeerVerifier
{
    /// <summary>Beside the leaf. Meshes send one or two; hostile chains are cut off before anything is built.</summary>
    public const int MaxPresented = 8;

    private readonly TrustDomain _own;
    private readonly FrozenSet<TrustDomain> _aliases;
    private readonly FrozenDictionary<TrustDomain, TrustBundle> _bundles;
    private readonly VerifiedPeers _verified = new();

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
        if (leaf.RawDataMemory.Length > CertificateFields.MaxSize || HasHuge(presented))
        {
            return PeerVerdict.Refuse(CloseReason.TlsInvalidSvid, $"the peer sent a certificate above {CertificateFields.MaxSize / 1024} KiB");
        }
        var verdict = Believe(leaf, presented, role, utcNow);
        return verdict.Accepted && !IsExpected(verdict.Id, expected)
            ? PeerVerdict.Refuse(CloseReason.TlsSanMismatch, $"expected {Wording.OneOf(expected)} but the peer is {verdict.Id}")
            : verdict;
    }

    /// <summary>
    /// Judges by this generation a peer that an earlier one believed and that is still connected, after a change of anchors or lists. A peer
    /// that is refused here should be disconnected: a certificate of its chain was revoked, or its anchor or its domain's bundle was taken
    /// away. That its certificates have expired since, or that a list is stale or missing, is no reason: such a peer is not accepted again,
    /// but cutting what runs because of a late renewal would turn a nuisance into an outage. Connections of one peer share their
    /// <see cref="PeerChain"/>, so ask once for each.
    /// </summary>
    public PeerVerdict Judge(PeerChain chain)
    {
        var peer = Find([.. chain.Certificates.Select(Read).OfType<CertificateFields>()], chain.Role, null, out var refusal);
        return peer?.Believed ?? refusal;
    }

    private PeerVerdict Believe(X509Certificate2 leaf, X509Certificate2Collection presented, PeerRole role, DateTime utcNow)
    {
        var key = ChainKey.Of(role, leaf, presented);
        if (_verified.TryGet(key, out var known))
        {
            // Where not the leaf but something above it has run out, another path may do: a renewed anchor of the same key, for one.
            var verdict = known.At(utcNow);
            if (verdict.Accepted || known.LeafIsOutOfTime(utcNow))
            {
                return verdict;
            }
        }
        if (Read(leaf.RawDataMemory) is not { } fields)
        {
            return PeerVerdict.Refuse(CloseReason.TlsInvalidSvid, "the leaf is not a certificate in DER");
        }
        // Junk that nobody can read is no reason to refuse: nothing will depend on it.
        var others = presented.Select(other => Read(other.RawDataMemory)).OfType<CertificateFields>();
        var peer = Find([fields, .. others], role, utcNow, out var refusal);
        if (peer is null)
        {
            return refusal;
        }
        _verified.Add(key, peer);
        return peer.Believed;
    }

    private VerifiedPeer? Find(CertificateFields[] certificates, PeerRole role, DateTime? utcNow, out PeerVerdict refusal)
    {
        var inspection = SvidRules.InspectLeaf(certificates[0], role);
        if (!inspection.Kept)
        {
            refusal = new PeerVerdict(null, inspection.Refusal, inspection.Detail);
            return null;
        }
        var domain = inspection.Id.TrustDomain;
        if (!_bundles.TryGetValue(Canonical(domain), out var bundle))
        {
            refusal = PeerVerdict.Refuse(CloseReason.TlsUnknownCa, $"there is no trust bundle for {domain}, the domain of {inspection.Id}");
            return null;
        }
        return new BundleVerification(bundle, inspection.Id, role).Find(certificates[0], certificates[1..], utcNow, out refusal);
    }

    private static CertificateFields? Read(ReadOnlyMemory<byte> der) => CertificateFields.TryRead(der, out var fields) ? fields : null;

    // Loops and not queries, here and below: these two run in every handshake.
    private static bool HasHuge(X509Certificate2Collection presented)
    {
        for (var i = 0; i < presented.Count; i++)
        {
            if (presented[i].RawDataMemory.Length > CertificateFields.MaxSize)
            {
                return true;
            }
        }
        return false;
    }

    private bool IsExpected(SpiffeId id, IReadOnlyCollection<SpiffeId> expected)
    {
        if (expected.Count == 0)
        {
            return true;
        }
        foreach (var other in expected)
        {
            if (string.Equals(id.Path, other.Path, StringComparison.Ordinal) && Canonical(id.TrustDomain).Equals(Canonical(other.TrustDomain)))
            {
                return true;
            }
        }
        return false;
    }

    private TrustDomain Canonical(TrustDomain domain) => _aliases.Contains(domain) ? _own : domain;
}
