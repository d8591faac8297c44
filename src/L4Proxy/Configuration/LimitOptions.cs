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
}
