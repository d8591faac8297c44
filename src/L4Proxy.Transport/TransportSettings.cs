namespace L4Proxy.Transport;

/// <summary>When the splicer may move bytes through a kernel pipe instead of through the scratch buffer.</summary>
public enum SpliceMode
{
    /// <summary>Streams are spliced, messages are copied; each direction decides for itself from what it reads.</summary>
    Adaptive,

    /// <summary>Everything is copied.</summary>
    Off,

    /// <summary>Everything is spliced from the first byte while pipes last. For tests.</summary>
    Always,

    /// <summary>Each turn flips a coin between copying and splicing. For tests.</summary>
    Random,
}

/// <summary>Numbers of the transport that an operator or a test may choose.</summary>
public sealed record TransportSettings
{
    /// <summary>Event loops, one thread each. 1 to 64.</summary>
    public int Loops { get; init; } = 1;

    /// <summary>Bytes of the scratch buffer and of rented ones: what one turn of a direction can hold. 64 KiB stays in a core's L2.</summary>
    public int BufferSize { get; init; } = 64 * 1024;

    /// <summary>Bytes of a pipe. 256 KiB measured best on loopback; small pipes make splicing lose to copying.</summary>
    public int PipeSize { get; init; } = 256 * 1024;

    /// <summary>
    /// Pipes per loop. Pipes are charged to the user, across all its processes of a node (pipe-user-pages-soft, 64 MiB by default),
    /// so a sidecar must not take them without bound; a direction that gets none copies.
    /// </summary>
    public int PipesPerLoop { get; init; } = 32;

    public SpliceMode Splice { get; init; } = SpliceMode.Adaptive;

    /// <summary>Connections the kernel queues before accept; it caps the number at net.core.somaxconn (4 096 by default).</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>Bytes a direction may move before others on its loop get their turn.</summary>
    public int TurnBudget { get; init; } = 1024 * 1024;

    /// <summary>Seconds a connection is silent before the kernel probes it, on both legs (tcp(7), TCP_KEEPIDLE).</summary>
    public int KeepAliveIdleSeconds { get; init; } = 60;

    /// <summary>Seconds between probes (TCP_KEEPINTVL).</summary>
    public int KeepAliveIntervalSeconds { get; init; } = 10;

    /// <summary>Unanswered probes before the peer counts as dead (TCP_KEEPCNT).</summary>
    public int KeepAliveProbes { get; init; } = 3;

    /// <summary>
    /// Milliseconds sent data may stay unacknowledged before the peer counts as dead (TCP_USER_TIMEOUT): the same 90 s that
    /// keepalive gives a silent peer (60 s + 3 × 10 s).
    /// </summary>
    public int UserTimeoutMilliseconds { get; init; } = 90_000;
}
