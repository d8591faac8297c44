using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>A peer whose handshake is over and who is who the certificate says.</summary>
/// <param name="Session">Its TLS.</param>
/// <param name="Id">Who it is; what policy is told.</param>
/// <param name="Chain">What made us believe it, to be judged again when trust changes.</param>
internal sealed record TlsPeer(TlsSession Session, SpiffeId Id, PeerChain Chain) : TlsEnd(Session)
{
    /// <returns>Null: the handshake failed, or nobody was verified.</returns>
    public static TlsPeer? Of(TlsSession session, PeerCheck check, TlsFacts facts, bool succeeded)
    {
        facts.PeerIdentity = check.Verdict?.Id?.ToString();
        // Not from what SslStream says about authentication, but from what the verifier said about the certificate.
        if (!succeeded || check.Verdict is not { Refusal: null, Id: { } id, Chain: { } chain })
        {
            return null;
        }
        facts.Version = VersionOf(session);
        facts.Alpn = session.Stream.NegotiatedApplicationProtocol.Protocol.IsEmpty ? null : session.Stream.NegotiatedApplicationProtocol.ToString();
        return new TlsPeer(session, id, chain);
    }
}
