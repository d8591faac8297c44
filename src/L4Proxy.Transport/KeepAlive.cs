using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// How a dead peer is noticed: keepalive probes for a silent one, TCP_USER_TIMEOUT for one that leaves our data unacknowledged.
/// The application's own keepalive does not cross a proxy, so both legs carry these.
/// </summary>
internal static class KeepAlive
{
    /// <summary>Set on a listener the accepted sockets inherit them, at no call per connection.</summary>
    public static void Set(int descriptor, TransportSettings settings)
    {
        Sockets.SetOption(descriptor, Constants.SOL_SOCKET, Constants.SO_KEEPALIVE, 1);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPIDLE, settings.KeepAliveIdleSeconds);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPINTVL, settings.KeepAliveIntervalSeconds);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPCNT, settings.KeepAliveProbes);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_USER_TIMEOUT, settings.UserTimeoutMilliseconds);
    }
}
