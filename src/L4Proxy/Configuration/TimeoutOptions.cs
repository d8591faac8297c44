namespace L4Proxy.Configuration;

/// <summary>Every time limit of a connection and of the shutdown. 1 ms to 49 days; zero only where it says so.</summary>
internal sealed record TimeoutOptions
{
    /// <summary>
    /// How long a dial may take. Default 5 s: the SYN retransmissions at 1 s and 3 s fit, which is why HAProxy's manual
    /// advises 4 or 5 s for <c>timeout connect</c>.
    /// </summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// From acceptance to the end of the TLS handshake, a PROXY header before it included. Default 5 s: a full handshake costs
    /// milliseconds and three round trips; a peer that needs longer keeps memory and does nothing.
    /// </summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where mTLS is PERMISSIVE, how long a downstream that says nothing may still begin with TLS, before it is taken for a plaintext
    /// client whose server speaks first. Default 200 ms: a ClientHello follows its SYN within a round trip.
    /// </summary>
    public TimeSpan Detection { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long a connection may move no byte either way. Default zero = off: dead peers are found by keepalive, and idle timeouts
    /// cut database pools (linkerd has none either).
    /// </summary>
    public TimeSpan Idle { get; init; }

    /// <summary>
    /// How long a connection may move no byte after one side has ended. Default 30 s: conntrack forgets a CLOSE_WAIT entry after
    /// about 60 s (nf_conntrack_tcp_timeout_close_wait), after which the late FIN never reaches us.
    /// </summary>
    public TimeSpan HalfClose { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After SIGTERM, how long inbound still accepts while readiness already fails. Default zero = refuses at once: a native sidecar
    /// is told to stop after its workload, when there is nothing left to serve. Beside a workload that stops at the same time write 5s
    /// (Istio's terminationDrainDuration), so that endpoints can be withdrawn everywhere.
    /// </summary>
    public TimeSpan PreDrain { get; init; }

    /// <summary>From SIGTERM to the reset of what is left. Default 25 s: Kubernetes' grace of 30 s, minus 5 s to end in peace.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);
}
