namespace L4Proxy.Core.Routing;

/// <summary>What a rule says about one port and subset, as Istio merges it.</summary>
internal static class MergedPolicy
{
    public static TrafficPolicy Of(DestinationRule? rule, Subset? subset, int port)
    {
        if (rule is null)
        {
            return TrafficPolicy.None;
        }
        var merged = Of(TrafficPolicy.None, rule.Policy, port);
        return subset?.Policy is { } own ? Of(merged, own, port) : merged;
    }

    /// <summary>Parts that are there replace whole parts; settings of a port replace all parts, with nothing where they say nothing.</summary>
    private static TrafficPolicy Of(TrafficPolicy wider, TrafficPolicy narrower, int port)
    {
        if (narrower.Ports.TryGetValue(port, out var own))
        {
            return own;
        }
        return new TrafficPolicy
        {
            Line = narrower.Line,
            LoadBalancing = narrower.LoadBalancing ?? wider.LoadBalancing,
            ConnectionPool = narrower.ConnectionPool ?? wider.ConnectionPool,
            OutlierDetection = narrower.OutlierDetection ?? wider.OutlierDetection,
            Tls = narrower.Tls ?? wider.Tls,
        };
    }
}
