using L4Proxy.Configuration;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>What handlers read for each new connection, in the units they need it. One immutable object, replaced whole by a reload.</summary>
internal sealed class DataPathSettings(ProxyOptions options, int maxConnections)
{
    /// <summary>Connections admitted at the same time.</summary>
    public int MaxConnections { get; } = maxConnections;

    public SpliceTimeouts Timeouts { get; } = new(
        (int)options.Timeouts.Idle.TotalMilliseconds, (int)options.Timeouts.HalfClose.TotalMilliseconds);

    /// <summary>Dials to the network: unmarked, so that the capture rules treat them as the proxy's own traffic.</summary>
    public DialOptions Dial { get; } = new() { TimeoutMilliseconds = (int)options.Timeouts.Connect.TotalMilliseconds };

    /// <summary>
    /// Dials to our own workload, marked so that the rules let them pass (rule R18). The mark never leaves the host: the leg runs
    /// over the loopback device.
    /// </summary>
    public DialOptions DialWorkload { get; } = new()
    {
        TimeoutMilliseconds = (int)options.Timeouts.Connect.TotalMilliseconds,
        Dscp = Redirect.TrafficMarks.ApplicationLegDscp,
    };

    /// <summary>Upstreams of the static listeners, by the address they listen on.</summary>
    public IReadOnlyList<ForwardOptions> Forward { get; } = options.Forward;
}
