namespace L4Proxy.Configuration;

/// <summary>What is admitted at the door.</summary>
internal sealed record LimitOptions
{
    /// <summary>
    /// Connections at the same time, 1 or more; null = auto, computed from RLIMIT_NOFILE by <see cref="ConnectionLimit"/>. Default auto.
    /// </summary>
    public int? MaxConnections { get; init; }

    /// <summary>
    /// TLS handshakes begun and not over, waiting peers included, 1 or more; null = auto, a quarter of the connections. Default auto.
    /// </summary>
    public int? HandshakesInFlight { get; init; }

    /// <summary>Outbound connections to one destination at the same time, where no DestinationRule says otherwise; 0 = no limit. Default 0.</summary>
    public int MaxConnectionsPerDestination { get; init; }

    /// <summary>Inbound connections of one verified peer at the same time; 0 = no limit. Default 0.</summary>
    public int MaxConnectionsPerIdentity { get; init; }

    /// <summary>
    /// Connections that wait, for at most <c>timeouts.connect</c>, for a destination at its limit to come free; what comes on top is
    /// refused at once. Default 128.
    /// </summary>
    public int WaitingPerDestination { get; init; } = 128;
}
