using L4Proxy.Core.Connections;

namespace L4Proxy.Core.Identity;

/// <summary>A path found good for all time but for what time itself changes: validity, and how long the revocation lists are in force.</summary>
internal sealed class VerifiedPeer
{
    private readonly (string Name, DateTime NotBefore, DateTime NotAfter)[] _validities;
    private readonly Revocation _revocation;
    private readonly DateTime _from;
    private readonly DateTime _until;

    public VerifiedPeer(SpiffeId id, PeerRole role, TrustPath path, Revocation revocation)
    {
        _validities = [.. path.All.Select((fields, index) => (path.Name(index), fields.NotBefore, fields.NotAfter))];
        _revocation = revocation;
        _from = path.ValidFrom;
        _until = path.ValidUntil < revocation.InForceUntil ? path.ValidUntil : revocation.InForceUntil;
        Chain = new PeerChain(id, role, [.. path.Certificates.Select(fields => fields.Der)], path.ValidUntil);
    }

    public PeerChain Chain { get; }

    /// <summary>Whether no other path could do better: the leaf itself is out of time.</summary>
    public bool LeafIsOutOfTime(DateTime utcNow) => utcNow < _validities[0].NotBefore || utcNow > _validities[0].NotAfter;

    public PeerVerdict At(DateTime utcNow) =>
        utcNow >= _from && utcNow <= _until ? Believed : OutOfTime(_validities, utcNow) ?? _revocation.NotInForce(utcNow);

    /// <summary>The verdict without regard to time.</summary>
    public PeerVerdict Believed => new(Chain.Id, null, null, Chain);

    /// <summary>Null when every one of them is valid.</summary>
    public static PeerVerdict? OutOfTime((string Name, DateTime NotBefore, DateTime NotAfter)[] validities, DateTime utcNow)
    {
        foreach (var (name, notBefore, notAfter) in validities)
        {
            if (utcNow > notAfter)
            {
                return PeerVerdict.Refuse(CloseReason.TlsExpired, $"{name} expired at {Wording.Time(notAfter)}, {Wording.Span(utcNow - notAfter)} ago");
            }
            if (utcNow < notBefore)
            {
                return PeerVerdict.Refuse(CloseReason.TlsNotYetValid, $"{name} is valid from {Wording.Time(notBefore)} on, in {Wording.Span(notBefore - utcNow)}");
            }
        }
        return null;
    }
}
