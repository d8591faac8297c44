namespace L4Proxy.Configuration;

/// <summary>How many TLS handshakes may be under way.</summary>
internal static class HandshakeLimit
{
    /// <summary>Below this a quarter would let a handful of peers that never finish keep everybody out.</summary>
    private const int Least = 64;

    /// <summary>
    /// As configured, or a quarter of the connections: peers that begin a handshake and leave it there can then take no more than that.
    /// </summary>
    /// <param name="maxConnections">What <see cref="ConnectionLimit"/> admits.</param>
    public static int For(ProxyOptions options, int maxConnections) =>
        options.Limits.HandshakesInFlight ?? Math.Max(Least, maxConnections / 4);
}
