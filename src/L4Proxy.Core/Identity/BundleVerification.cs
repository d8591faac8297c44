using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>Judges one leaf, with what came beside it, by the bundle of its trust domain: every way to an anchor until one is good.</summary>
internal sealed class BundleVerification(TrustBundle bundle, SpiffeId id, PeerRole role)
{
    /// <summary>Looks for a path that is good by all rules.</summary>
    /// <param name="leaf">Its own rules (<see cref="SvidRules"/>) already found kept.</param>
    /// <param name="presented">What else was sent, read.</param>
    /// <param name="utcNow">A path that is valid now is preferred; null: time does not count.</param>
    /// <param name="refusal">Why not, when there is none: what was wrong with the first path found.</param>
    public VerifiedPeer? Find(CertificateFields leaf, CertificateFields[] presented, DateTime? utcNow, out PeerVerdict refusal)
    {
        var search = new PathSearch(presented, bundle.Anchors);
        PeerVerdict? first = null;
        foreach (var path in search.From(leaf))
        {
            var verdict = Judge(path, utcNow, out var peer);
            if (verdict.Accepted)
            {
                refusal = default;
                return peer;
            }
            first ??= verdict;
        }
        refusal = first ?? NoPath(search, leaf);
        return null;
    }

    private PeerVerdict Judge(TrustPath path, DateTime? utcNow, out VerifiedPeer? peer)
    {
        peer = null;
        for (var i = 1; i < path.Certificates.Length; i++)
        {
            var problem = SvidRules.SigningProblem(path.Certificates[i], isAnchor: false);
            if (problem.Length > 0)
            {
                return PeerVerdict.Refuse(CloseReason.TlsUnknownCa, $"{path.Name(i)} may not sign: {problem}");
            }
        }
        if (path.ValidFrom > path.ValidUntil)
        {
            return PeerVerdict.Refuse(CloseReason.TlsExpired, "the certificates of the chain are at no time valid together");
        }
        var revocation = Revocation.Of(path, bundle.Lists);
        if ((PathValidation.Problem(path, role, path.ValidFrom) ?? revocation.Refusal) is { } refusal)
        {
            return refusal;
        }
        peer = new VerifiedPeer(id, role, path, revocation);
        return utcNow is { } now ? peer.At(now) : peer.Believed;
    }

    private PeerVerdict NoPath(PathSearch search, CertificateFields leaf)
    {
        var issuer = Wording.Name(leaf.Issuer);
        return PeerVerdict.Refuse(CloseReason.TlsUnknownCa, search.KnowsIssuerOf(leaf)
            ? $"{id} is issued by {issuer}, from where no chain of good signatures leads to an anchor of {bundle.Domain}"
            : $"{id} is issued by {issuer}, which is no anchor of {bundle.Domain} and was not sent along");
    }
}
