namespace L4Proxy.Core.Identity;

/// <summary>
/// The certificates by which a peer was believed, leaf first and without the anchor. It outlives the trust it was judged by: hand it to
/// <see cref="PeerVerifier.Judge"/> of a new generation. One object is shared by all connections of a peer; it holds bytes, no handles.
/// </summary>
public sealed class PeerChain
{
    internal PeerChain(SpiffeId id, PeerRole role, ReadOnlyMemory<byte>[] certificates, DateTime notAfter)
    {
        Id = id;
        Role = role;
        Certificates = certificates;
        NotAfter = notAfter;
    }

    /// <summary>Who the peer proved to be.</summary>
    public SpiffeId Id { get; }

    public PeerRole Role { get; }

    /// <summary>UTC; when the first certificate of the chain, anchor included, expires. A live connection is not ended by it.</summary>
    public DateTime NotAfter { get; }

    internal ReadOnlyMemory<byte>[] Certificates { get; }
}
