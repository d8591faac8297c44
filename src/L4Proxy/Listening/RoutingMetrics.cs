using L4Proxy.Core.Routing;
using L4Proxy.Telemetry;

namespace L4Proxy.Listening;

/// <summary>What routing did for connections, as metrics.</summary>
internal static class RoutingMetrics
{
    /// <param name="instruments">Where to.</param>
    /// <param name="counters">What the handlers count.</param>
    /// <param name="ejected">Endpoints that are out of their balancers now.</param>
    public static void AddTo(Instruments instruments, RoutingCounters counters, Func<int> ejected)
    {
        instruments.AddCounter("l4proxy_dial_retries_total", null, "Dials of a further endpoint after one had failed.", () => counters.Retries);
        instruments.AddCounter("l4proxy_endpoint_ejections_total", null, "Endpoints taken out of their balancer because dials or handshakes failed.",
            () => counters.Ejections);
        instruments.AddGauge("l4proxy_endpoints_ejected", null, "Endpoints that are out of their balancer now.", ejected);
        instruments.AddUpDownCounter("l4proxy_connections_waiting", null, "Connections that wait until their destination has a place for them.",
            () => counters.Waiting);
    }
}
