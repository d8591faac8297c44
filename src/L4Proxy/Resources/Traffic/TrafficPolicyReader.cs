using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary><c>trafficPolicy</c>, of a destination, a subset or a port.</summary>
internal static class TrafficPolicyReader
{
    /// <returns>Null when the section has none.</returns>
    public static TrafficPolicy? Read(Section section) =>
        section.Has("trafficPolicy") ? section.Inner("trafficPolicy", TrafficPolicy.None, Policy) : null;

    public static TrafficPolicy Move(TrafficPolicy policy, int lines) => policy.Line == 0 ? policy : policy with
    {
        Line = policy.Line + lines,
        LoadBalancing = policy.LoadBalancing is { } balancing ? balancing with { Line = balancing.Line + lines } : null,
        ConnectionPool = policy.ConnectionPool is { } pool ? pool with { Line = pool.Line + lines } : null,
        OutlierDetection = policy.OutlierDetection is { } outliers ? outliers with { Line = outliers.Line + lines } : null,
        Tls = policy.Tls is { } tls ? tls with { Line = tls.Line + lines } : null,
        Ports = policy.Ports.ToImmutableSortedDictionary(port => port.Key, port => Move(port.Value, lines)),
    };

    private static TrafficPolicy Policy(Section section)
    {
        section.Refuse("tunnel", "tunnels through a proxy are not supported; remove it");
        section.Refuse("proxyProtocol", "is not supported toward services; remove it, or use proxyProtocol.send of a forward in the configuration");
        var policy = Fields(section) with { Ports = Ports(section) };
        if (policy is { LoadBalancing: null, ConnectionPool: null, OutlierDetection: null, Tls: null, Ports.IsEmpty: true }
            && !section.Has("tunnel") && !section.Has("proxyProtocol") && !section.Has("connectionPool") && !section.Has("portLevelSettings"))
        {
            section.Fail("says nothing; write loadBalancer, connectionPool, outlierDetection, tls or portLevelSettings, or remove it");
        }
        return policy;
    }

    private static TrafficPolicy Fields(Section section) => new()
    {
        Line = section.Position.Line,
        LoadBalancing = section.Inner("loadBalancer", null, LoadBalancingReader.Read),
        ConnectionPool = section.Inner("connectionPool", null, ConnectionPoolReader.Read),
        OutlierDetection = section.Inner("outlierDetection", null, OutlierDetectionReader.Read),
        Tls = section.Inner("tls", null, UpstreamTlsReader.Read),
    };

    private static ImmutableSortedDictionary<int, TrafficPolicy> Ports(Section section)
    {
        var ports = ImmutableSortedDictionary.CreateBuilder<int, TrafficPolicy>();
        section.InnerList("portLevelSettings", broken: false, setting =>
        {
            if (!setting.Has("port"))
            {
                setting.Fail("port", "is missing; add it, such as port: {number: 443}");
            }
            var number = setting.Inner("port", 0, port => port.Required("number", 0, "443", ScalarText.Port));
            var policy = Fields(setting);
            if (number > 0 && !ports.TryAdd(number, policy))
            {
                setting.Fail("port", $"port {number} has settings already; write them in one place");
            }
            return true;
        });
        return ports.ToImmutable();
    }
}
