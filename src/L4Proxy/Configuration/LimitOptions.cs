namespace L4Proxy.Configuration;

/// <summary>What is admitted at the door.</summary>
internal sealed record LimitOptions
{
    /// <summary>
    /// Connections at the same time, 1 or more; null = auto, computed from RLIMIT_NOFILE by <see cref="ConnectionLimit"/>. Default auto.
    /// </summary>
    public int? MaxConnections { get; init; }

    /// <summary>Connections to one upstream address at the same time; 0 = off. Default off: the upstream knows its limit better.</summary>
    public int MaxConnectionsPerDestination { get; init; }
}
