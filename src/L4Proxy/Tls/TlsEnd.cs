using System.Security.Authentication;
using L4Proxy.Transport.Tls;

namespace L4Proxy.Tls;

/// <summary>The other end of a leg with TLS, once the handshake is over and the certificate believed.</summary>
/// <param name="Session">Its TLS.</param>
internal abstract record TlsEnd(TlsSession Session)
{
    /// <summary>As the record and the log name it; nothing below 1.2 is ever negotiated.</summary>
    public static string VersionOf(TlsSession session) => session.Stream.SslProtocol == SslProtocols.Tls13 ? "1.3" : "1.2";
}

/// <summary>A server outside the mesh: it has proven its name by the authorities named for it, and has no identity that policy or trust knows.</summary>
/// <param name="Session">Its TLS.</param>
internal sealed record EgressServer(TlsSession Session) : TlsEnd(Session);
