using L4Proxy.Transport.Native;

namespace L4Proxy.Transport;

/// <summary>
/// How a dead peer is noticed: keepalive probes for a silent one, TCP_USER_TIMEOUT for one that leaves our data unacknowledged.
/// The application's own keepalive does not cross a proxy, so both legs carry these.
/// </summary>
internal static class KeepAlive
{
    /// <summary>Set on a listener the accepted sockets inherit them, at no call per connection.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="settings">What holds where <paramref name="times"/> says nothing.</param>
    /// <param name="times">Of this socket alone.</param>
    public static void Set(int descriptor, TransportSettings settings, KeepAliveTimes times)
    {
        var (probes, idle, interval) = (
            Or(times.Probes, settings.KeepAliveProbes), Or(times.IdleSeconds, settings.KeepAliveIdleSeconds),
            Or(times.IntervalSeconds, settings.KeepAliveIntervalSeconds));
        Sockets.SetOption(descriptor, Constants.SOL_SOCKET, Constants.SO_KEEPALIVE, 1);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPIDLE, idle);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPINTVL, interval);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_KEEPCNT, probes);
        Sockets.SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_USER_TIMEOUT, settings.UserTimeoutMilliseconds);
    }

    private static int Or(int own, int other) => own > 0 ? own : other;
}
