namespace L4Proxy.Core.Connections;

/// <summary>Who ended a connection.</summary>
public enum EndedBy : byte
{
    Downstream,
    Upstream,
    Proxy,
}

/// <summary>
/// Why a connection ended: one member per cause, closed set. The camelCase name is the label in the access log and the metrics
/// and is never renamed; <see cref="CloseReasons"/> holds the side and the sentence of each.
/// </summary>
public enum CloseReason : byte
{
    Completed,
    DownstreamReset,
    UpstreamReset,
    DownstreamUnreachable,
    UpstreamUnreachable,
    DialRefused,
    DialTimedOut,
    DialUnreachable,
    DialFailed,
    NotRedirected,
    Loop,
    IdleTimeout,
    HalfCloseTimeout,
    ConnectionLimit,
    DescriptorsExhausted,
    Draining,
    Drained,
    CaptureProbe,
    InternalError,

    PlaintextRefused,
    ClientHelloTooLarge,
    ProxyHeaderInvalid,
    HandshakeLimit,
    HandshakeTimeout,
    TlsNoIdentity,
    TlsNoPeerCertificate,
    TlsUnknownCa,
    TlsExpired,
    TlsNotYetValid,
    TlsRevoked,
    TlsWrongEku,
    TlsInvalidSvid,
    TlsSanMismatch,
    TlsKeyMismatch,
    TlsProtocolVersion,
    TlsNoSharedCipher,
    TlsAlpnMismatch,
    TlsPeerIsPlaintext,
    TlsPeerRejectedUs,
    TlsPeerLeft,
    TlsProtocolError,
    TlsTruncated,

    PolicyDenied,
    PolicyChanged,
    EgressBlocked,
    NoEndpoints,
    DestinationLimit,
    IdentityLimit,
}

/// <summary>What each <see cref="CloseReason"/> means, for the log, the metrics and the README.</summary>
public static class CloseReasons
{
    /// <summary>Every reason, in the order of the enum.</summary>
    public static IReadOnlyList<CloseReason> All { get; } = Enum.GetValues<CloseReason>();

    private static readonly string[] _labels = [.. All.Select(reason => Camel(reason.ToString()))];

    /// <summary>The name used in the log and as a metric label.</summary>
    public static string Label(this CloseReason reason) => _labels[(int)reason];

    /// <summary>The side that ended the connection.</summary>
    /// <param name="reason">Why it ended.</param>
    /// <param name="upstreamEndedFirst">For a clean end: whose FIN came first. For TLS: whether it was the upstream's handshake.</param>
    /// <exception cref="ArgumentOutOfRangeException">A member was added without saying which side it blames.</exception>
    public static EndedBy Side(this CloseReason reason, bool upstreamEndedFirst = false) => reason switch
    {
        // A clean end belongs to whoever sent its FIN first.
        CloseReason.Completed => upstreamEndedFirst ? EndedBy.Upstream : EndedBy.Downstream,
        CloseReason.DownstreamReset or CloseReason.DownstreamUnreachable => EndedBy.Downstream,
        CloseReason.UpstreamReset or CloseReason.UpstreamUnreachable or CloseReason.DialRefused
            or CloseReason.DialTimedOut or CloseReason.DialUnreachable => EndedBy.Upstream,
        CloseReason.DialFailed or CloseReason.NotRedirected or CloseReason.Loop or CloseReason.IdleTimeout
            or CloseReason.HalfCloseTimeout or CloseReason.ConnectionLimit or CloseReason.DescriptorsExhausted
            or CloseReason.Draining or CloseReason.Drained or CloseReason.CaptureProbe or CloseReason.InternalError => EndedBy.Proxy,
        // The peer said no, or went away.
        CloseReason.TlsPeerRejectedUs or CloseReason.TlsPeerLeft or CloseReason.TlsTruncated
            => upstreamEndedFirst ? EndedBy.Upstream : EndedBy.Downstream,
        CloseReason.PlaintextRefused or CloseReason.ClientHelloTooLarge or CloseReason.ProxyHeaderInvalid or CloseReason.HandshakeLimit
            or CloseReason.HandshakeTimeout or CloseReason.TlsNoIdentity or CloseReason.TlsNoPeerCertificate or CloseReason.TlsUnknownCa
            or CloseReason.TlsExpired or CloseReason.TlsNotYetValid or CloseReason.TlsRevoked or CloseReason.TlsWrongEku
            or CloseReason.TlsInvalidSvid or CloseReason.TlsSanMismatch or CloseReason.TlsKeyMismatch or CloseReason.TlsProtocolVersion
            or CloseReason.TlsNoSharedCipher or CloseReason.TlsAlpnMismatch or CloseReason.TlsPeerIsPlaintext
            or CloseReason.TlsProtocolError => EndedBy.Proxy,
        CloseReason.PolicyDenied or CloseReason.PolicyChanged or CloseReason.EgressBlocked or CloseReason.NoEndpoints
            or CloseReason.DestinationLimit or CloseReason.IdentityLimit => EndedBy.Proxy,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no side is known for this close reason"),
    };

    /// <summary>One sentence for a person.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A member was added without its sentence.</exception>
    public static string Sentence(this CloseReason reason) => reason switch
    {
        CloseReason.Completed => "Both sides sent FIN and every byte was delivered.",
        CloseReason.DownstreamReset => "The downstream sent RST; the upstream was reset too.",
        CloseReason.UpstreamReset => "The upstream sent RST; the downstream was reset too.",
        CloseReason.DownstreamUnreachable => "The downstream stopped answering (keepalive or unacknowledged data).",
        CloseReason.UpstreamUnreachable => "The upstream stopped answering (keepalive or unacknowledged data).",
        CloseReason.DialRefused => "Nothing listens at the upstream address.",
        CloseReason.DialTimedOut => "The upstream did not answer within timeouts.connect.",
        CloseReason.DialUnreachable => "There is no route to the upstream address.",
        CloseReason.DialFailed => "The dial failed on our side; errno says why.",
        CloseReason.NotRedirected => "The original destination is unknown: the connection did not come through the capture rules.",
        CloseReason.Loop => "The connection would have come back to this proxy; the capture rules and the proxy disagree.",
        CloseReason.IdleTimeout => "No byte moved either way for timeouts.idle.",
        CloseReason.HalfCloseTimeout => "One side had ended and no byte moved for timeouts.halfClose.",
        CloseReason.ConnectionLimit => "limits.maxConnections was reached; the connection was refused at the door.",
        CloseReason.DescriptorsExhausted => "The process or the system ran out of descriptors or memory for a socket.",
        CloseReason.Draining => "The proxy is draining and accepts no new connections in this direction.",
        CloseReason.Drained => "The proxy shut down and closed the connection at the drain deadline, or earlier while idle.",
        CloseReason.CaptureProbe => "The proxy's own proof that the rules capture; counted here and not written to the access log.",
        CloseReason.InternalError => "A defect in the proxy; the error is in the process log.",
        CloseReason.PlaintextRefused => "The downstream spoke in clear where mTLS is STRICT; protocol says what it looked like.",
        CloseReason.ClientHelloTooLarge => "The ClientHello was broken or above 16 KiB, and mTLS is STRICT.",
        CloseReason.ProxyHeaderInvalid => "A PROXY protocol header was due and did not come, or was malformed.",
        CloseReason.HandshakeLimit => "limits.handshakesInFlight was reached; the connection was refused before its handshake.",
        CloseReason.HandshakeTimeout => "The TLS handshake, or what must come before it, was not over within timeouts.handshake.",
        CloseReason.TlsNoIdentity => "TLS was due and this proxy has no certificate to show; see the log for why.",
        CloseReason.TlsNoPeerCertificate => "The peer showed no certificate.",
        CloseReason.TlsUnknownCa => "The peer's certificate does not chain to the trust bundle of its trust domain.",
        CloseReason.TlsExpired => "A certificate of the peer's chain has expired.",
        CloseReason.TlsNotYetValid => "A certificate of the peer's chain is not valid yet; look at the clocks.",
        CloseReason.TlsRevoked => "A certificate of the peer's chain is on the CRL, or no CRL in force covers it.",
        CloseReason.TlsWrongEku => "The peer's certificate may not be used for its end of a connection (extended key usage).",
        CloseReason.TlsInvalidSvid => "The peer's certificate is not an X.509-SVID: its SPIFFE ID or key usage is missing, ambiguous or malformed.",
        CloseReason.TlsSanMismatch => "The peer proved an identity, but not one that was expected here.",
        CloseReason.TlsKeyMismatch => "The peer could not prove that it holds the key of its certificate.",
        CloseReason.TlsProtocolVersion => "No TLS version both sides accept; see mesh.minTlsVersion.",
        CloseReason.TlsNoSharedCipher => "No cipher suite, group or signature algorithm both sides accept.",
        CloseReason.TlsAlpnMismatch => "No application protocol (ALPN) both sides accept.",
        CloseReason.TlsPeerIsPlaintext => "The peer answered the handshake with something that is not TLS; detail says what it looked like.",
        CloseReason.TlsPeerRejectedUs => "The peer refused us with a TLS alert; detail names it.",
        CloseReason.TlsPeerLeft => "The peer closed or reset the connection during the handshake, without an alert; its own log knows why.",
        CloseReason.TlsProtocolError => "The peer broke the TLS protocol, or the bytes were damaged on their way.",
        CloseReason.TlsTruncated => "The peer ended the connection without close_notify: what it sent may be incomplete, so the other side was reset.",
        CloseReason.PolicyDenied => "Authorization policy denied the connection; rule and detail say which, explain says why.",
        CloseReason.PolicyChanged => "The connection was allowed when it began, and policy has changed since; rule and detail say which.",
        CloseReason.EgressBlocked => "No service covers the destination and outboundTrafficPolicy is REGISTRY_ONLY; a ServiceEntry would allow it.",
        CloseReason.NoEndpoints => "The service is known and has no endpoint to dial: none is written, none resolved, or none has the subset's labels.",
        CloseReason.DestinationLimit => "The destination had its maximum of connections, and none ended in time or too many already waited.",
        CloseReason.IdentityLimit => "limits.maxConnectionsPerIdentity was reached by the connections of this peer.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no sentence is known for this close reason"),
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
