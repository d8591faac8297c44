using System.Collections.Immutable;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class DestinationRuleTests
{
    private static readonly Service _web = Mesh.Service("web.shop", "10.96.0.10", "10.0.0.1", space: "shop");

    public static TheoryData<string, DestinationRule[]> Precedence => new()
    {
        { "an exact host over a wildcard of our own", [Limit(1, "web.shop", "shop"), Limit(2, "*.shop", "demo")] },
        { "the longest wildcard", [Limit(1, "*.shop", "shop"), Limit(2, "*", "demo")] },
        { "our namespace over that of the service", [Limit(1, "web.shop", "demo"), Limit(2, "web.shop", "shop")] },
        { "that of the service over the root", [Limit(1, "web.shop", "shop"), Limit(2, "web.shop", "istio-system")] },
        { "the root over none", [Limit(1, "web.shop", "istio-system")] },
        { "a selector over none", [Limit(1, "web.shop", "demo") with { Selector = new(Mesh.Labels("app", "web")) }, Limit(2, "web.shop", "demo")] },
        { "a selector of the root over none of ours", [Limit(1, "web.shop", "istio-system") with { Selector = new(Mesh.Labels("app", "web")) }, Limit(2, "web.shop", "demo")] },
        { "nothing that selects others", [Limit(1, "web.shop", "shop"), Limit(2, "web.shop", "demo") with { Selector = new(Mesh.Labels("app", "db")) }] },
        { "nothing that selects in a foreign namespace", [Limit(1, "web.shop", "shop"), Limit(2, "web.shop", "shop") with { Selector = new(Mesh.Labels("app", "web")) }] },
        { "nothing that is not exported to us", [Limit(1, "web.shop", "istio-system"), Limit(2, "web.shop", "shop") with { ExportTo = ["shop"] }] },
        { "nothing of a third namespace", [Limit(1, "web.shop", "istio-system"), Limit(2, "web.shop", "bank")] },
        { "of two equals the first by name", [Limit(1, "web.shop", "demo", "a"), Limit(2, "web.shop", "demo", "b")] },
    };

    [Theory]
    [MemberData(nameof(Precedence))]
    public void The_rule_that_counts_is(string what, DestinationRule[] rules)
    {
        Assert.NotEmpty(what);
        foreach (var order in new[] { rules, [.. rules.Reverse()] })
        {
            Assert.Equal(1, Mesh.Registry([_web], order).Route("10.96.0.10:80").Cluster!.Policy.ConnectionPool?.MaxConnections);
        }
    }

    [Fact]
    public void A_subset_has_the_endpoints_with_its_labels()
    {
        var endpoints = new[] { Mesh.Endpoint("10.0.0.1") with { Labels = Mesh.Labels("version", "v1") }, Mesh.Endpoint("10.0.0.2") with { Labels = Mesh.Labels("version", "v2").Add("app", "web") } };
        var rule = Mesh.Rule("web.shop", TrafficPolicy.None) with { Subsets = [new("v2", 1, Mesh.Labels("version", "v2"), null), new("v3", 1, Mesh.Labels("version", "v3"), null)] };
        var registry = Mesh.Registry([_web with { Endpoints = [.. endpoints] }], [rule], [Mesh.Routes("web.shop", Mesh.To("web.shop/v2")), Mesh.Routes("10.9.9.9", Mesh.To("web.shop/v3"))]);

        var cluster = registry.Route("10.96.0.10:80").Cluster!;

        Assert.Equal("web.shop:80/v2", cluster.Name);
        Assert.Equal(["10.0.0.2:80"], cluster.Addresses());
        Assert.Equal(("web.shop:80/v3", 0), (registry.ClusterAt("10.9.9.9:80"), registry.Route("10.9.9.9:80").Cluster!.EndpointCount));
        Assert.Equal("web.shop:80", registry.ClusterAt("10.0.0.1:80"));
    }

    [Fact]
    public void A_part_that_a_subset_sets_replaces_that_of_the_rule_as_a_whole()
    {
        var rule = Mesh.Rule("web.shop", new TrafficPolicy { ConnectionPool = new() { MaxConnections = 5, ConnectTimeout = TimeSpan.FromSeconds(3) }, Tls = new(UpstreamTlsMode.Disable, 1) })
            with { Subsets = [new("v2", 1, ImmutableSortedDictionary<string, string>.Empty, new TrafficPolicy { ConnectionPool = new() { MaxConnections = 6 } })] };

        var policy = Mesh.Registry([_web], [rule], [Mesh.Routes("web.shop", Mesh.To("web.shop/v2"))]).Route("10.96.0.10:80").Cluster!.Policy;

        Assert.Equal((6, null, UpstreamTlsMode.Disable), (policy.ConnectionPool!.MaxConnections, policy.ConnectionPool.ConnectTimeout, policy.Tls!.Mode));
    }

    [Theory]
    [InlineData(true, false, null, 8)]
    [InlineData(true, true, UpstreamTlsMode.IstioMutual, 8)]
    [InlineData(false, true, UpstreamTlsMode.IstioMutual, 5)]
    [InlineData(false, false, UpstreamTlsMode.Disable, 5)]
    public void Settings_of_a_port_replace_all_and_a_subset_builds_on_what_the_rule_comes_to(bool hasPort, bool hasSubset, UpstreamTlsMode? tls, int limit)
    {
        var policy = new TrafficPolicy { ConnectionPool = new() { MaxConnections = 5 }, Tls = new(UpstreamTlsMode.Disable, 1) };
        if (hasPort)
        {
            policy = policy with { Ports = policy.Ports.Add(80, new TrafficPolicy { ConnectionPool = new() { MaxConnections = 8 } }).Add(81, TrafficPolicy.None) };
        }
        var subset = hasSubset ? new TrafficPolicy { Tls = new(UpstreamTlsMode.IstioMutual, 2) } : null;
        var rule = Mesh.Rule("web.shop", policy) with { Subsets = [new("v2", 1, ImmutableSortedDictionary<string, string>.Empty, subset)] };

        var merged = Mesh.Registry([_web], [rule], [Mesh.Routes("web.shop", Mesh.To("web.shop/v2"))]).Route("10.96.0.10:80").Cluster!.Policy;

        Assert.Equal((tls, limit), (merged.Tls?.Mode, merged.ConnectionPool!.MaxConnections));
    }

    [Fact]
    public void Settings_of_a_port_in_a_subset_replace_all_that_is_wider()
    {
        var own = new TrafficPolicy { Ports = ImmutableSortedDictionary<int, TrafficPolicy>.Empty.Add(80, new TrafficPolicy { Tls = new(UpstreamTlsMode.Simple, 2) }) };
        var rule = Mesh.Rule("web.shop", new TrafficPolicy { ConnectionPool = new() { MaxConnections = 5 } }) with { Subsets = [new("v2", 1, ImmutableSortedDictionary<string, string>.Empty, own)] };

        var merged = Mesh.Registry([_web], [rule], [Mesh.Routes("web.shop", Mesh.To("web.shop/v2"))]).Route("10.96.0.10:80").Cluster!.Policy;

        Assert.Equal((UpstreamTlsMode.Simple, null), (merged.Tls!.Mode, merged.ConnectionPool));
    }

    private static DestinationRule Limit(int connections, string host, string space, string name = "rule") =>
        Mesh.Rule(host, new TrafficPolicy { ConnectionPool = new() { MaxConnections = connections } }, name, space);
}
