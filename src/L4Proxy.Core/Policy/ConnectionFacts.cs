using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Policy;

/// <summary>A request in the form conditions compare; made once per decision.</summary>
internal readonly struct ConnectionFacts
{
    public ConnectionFacts(in AccessRequest request, TrustDomainAliases aliases)
    {
        Peer = request.Peer;
        IsAlias = Peer is not null && aliases.Contains(Peer.TrustDomain.Name);
        Source = AddressBits.Of(request.Source);
        // Nearly always the same object: there was no PROXY header.
        Remote = ReferenceEquals(request.Remote, request.Source) ? Source : AddressBits.Of(request.Remote);
        Destination = AddressBits.Of(request.Destination.Address);
        Port = request.Destination.Port;
        ServerName = request.ServerName;
    }

    public SpiffeId? Peer { get; }

    /// <summary>Whether the peer's trust domain is one of ours.</summary>
    public bool IsAlias { get; }

    public AddressBits Source { get; }
    public AddressBits Remote { get; }
    public AddressBits Destination { get; }
    public int Port { get; }
    public string? ServerName { get; }

    /// <summary>Empty without a peer.</summary>
    public string TrustDomain => Peer is null ? "" : IsAlias ? TrustDomainAliases.Pointer : Peer.TrustDomain.Name;

    /// <summary>Empty without a peer, and for a peer that is no service account.</summary>
    public ReadOnlySpan<char> Namespace => Peer is null ? [] : Peer.KubernetesNamespace;
}
