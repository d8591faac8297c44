using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class VirtualServiceTests
{
    private static readonly Service[] _services =
    [
        Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1") with { Ports = [new(80, "tcp", false, null), new(81, "more", false, null)] },
        Mesh.Service("v2.demo", "10.96.0.20", "10.0.0.2"),
        Mesh.Service("tls.demo", "10.96.0.30", "10.0.0.3", port: 443).Tls(),
    ];

    public static TheoryData<string, RouteMatch, bool> Matches => new()
    {
        { "nothing", new(), true },
        { "our port", new() { Port = 80 }, true },
        { "another port", new() { Port = 81 }, false },
        { "our network", new() { DestinationSubnets = [IPNetwork.Parse("10.96.0.0/16")] }, true },
        { "our address, mapped", new() { DestinationSubnets = [IPNetwork.Parse("::ffff:10.96.0.10/128")] }, true },
        { "another network", new() { DestinationSubnets = [IPNetwork.Parse("10.97.0.0/16")] }, false },
        { "all of IPv6", new() { DestinationSubnets = [IPNetwork.Parse("::/0")] }, false },
        { "one of two networks", new() { DestinationSubnets = [IPNetwork.Parse("10.97.0.0/16"), IPNetwork.Parse("10.96.0.10/32")] }, true },
        { "our label", new() { SourceLabels = Mesh.Labels("app", "web") }, true },
        { "another value", new() { SourceLabels = Mesh.Labels("app", "shop") }, false },
        { "another label", new() { SourceLabels = Mesh.Labels("tier", "web") }, false },
        { "our namespace", new() { SourceNamespace = "demo" }, true },
        { "another namespace", new() { SourceNamespace = "shop" }, false },
        { "port and namespace", new() { Port = 80, SourceNamespace = "shop" }, false },
    };

    [Theory]
    [MemberData(nameof(Matches))]
    public void A_match_holds_when_all_its_fields_do(string what, RouteMatch match, bool isMatch)
    {
        Assert.NotEmpty(what);
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", Mesh.To("v2.demo").If(match))]);

        Assert.Equal(isMatch ? "v2.demo:80" : "web.demo:80", registry.ClusterAt("10.96.0.10:80"));
    }

    [Fact]
    public void The_first_route_that_matches_counts_and_one_of_its_matches_is_enough()
    {
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo",
            Mesh.To("nowhere.demo").If(new RouteMatch { Port = 99 }),
            Mesh.To("v2.demo").If(new() { Port = 99 }, new() { Port = 80 }),
            Mesh.To("web.demo"))]);

        var decision = registry.Route("10.96.0.10:80");

        Assert.Equal("v2.demo:80", decision.Cluster!.Name);
        Assert.Equal("VirtualService demo/routes-web.demo (mesh.yaml:10)", decision.By!.ToString());
    }

    [Theory]
    [InlineData("a.tls.demo", "v2.demo:80")]
    [InlineData("A.TLS.demo", "v2.demo:80")]
    [InlineData("exact.demo", "web.demo:80")]
    [InlineData("b.demo", "web.demo:81")]
    [InlineData(null, "web.demo:81")]
    public void With_a_server_name_TLS_routes_come_first_then_TCP_routes(string? serverName, string cluster)
    {
        var routes = Mesh.Routes("tls.demo", Mesh.To("web.demo") with { Destinations = [new("web.demo", "", 81, 1, 1)] }) with
        {
            Tls = [Mesh.To("v2.demo").If(Mesh.Sni("*.tls.demo")), (Mesh.To("web.demo") with { Destinations = [new("web.demo", "", 80, 1, 1)] }).If(Mesh.Sni("exact.demo"))],
        };
        var registry = Mesh.Registry(_services, routes: [routes]);

        Assert.True(registry.NeedsServerName(IPEndPoint.Parse("10.96.0.30:443")));
        Assert.Equal(cluster, registry.ClusterAt("10.96.0.30:443", serverName));
    }

    [Fact]
    public void A_server_name_is_not_needed_where_no_TLS_route_can_match()
    {
        var routes = Mesh.Routes("tls.demo") with { Tls = [Mesh.To("v2.demo").If(Mesh.Sni("x.demo") with { Port = 444 })] };
        var registry = Mesh.Registry(_services, routes: [routes]);

        Assert.False(registry.NeedsServerName(IPEndPoint.Parse("10.96.0.30:443")));
        Assert.False(registry.NeedsServerName(IPEndPoint.Parse("10.0.0.3:443")));
    }

    [Theory]
    [InlineData("web.demo", "*.demo", "exact")]
    [InlineData("*.demo", "*", "exact")]
    [InlineData("*", "10.96.0.10", "exact")]
    [InlineData("10.96.0.10", "10.96.0.0/24", "exact")]
    [InlineData("10.96.0.0/24", "other.demo", "exact")]
    [InlineData("other.demo", "*.shop", "none")]
    public void The_most_specific_host_counts(string one, string two, string winner)
    {
        VirtualService[] routes = [Mesh.Routes(two, Mesh.To("loser.demo")), Mesh.Routes(one, Mesh.To("winner.demo"))];
        var registry = Mesh.Registry(_services, routes: routes);

        Assert.Equal(winner == "none" ? "web.demo:80" : "winner.demo:80", registry.ClusterAt("10.96.0.10:80"));
    }

    [Fact]
    public void A_route_of_an_address_needs_no_service_there()
    {
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("192.0.2.0/24", Mesh.To("v2.demo").If(new RouteMatch { Port = 80 }))]);

        Assert.Equal("v2.demo:80", registry.ClusterAt("192.0.2.7:80"));
        Assert.Equal("Unknown", registry.ClusterAt("192.0.2.7:81"));
    }

    [Fact]
    public void Virtual_services_of_one_host_are_tried_in_order_of_their_names_our_namespace_first()
    {
        var foreign = Mesh.Routes("web.demo", Mesh.To("foreign.demo")) with { Origin = Mesh.Origin(ResourceKind.VirtualService, "a", "a") };
        var own = Mesh.Routes("web.demo", Mesh.To("v2.demo").If(new RouteMatch { Port = 80 }));
        var registry = Mesh.Registry(_services, routes: [foreign, own]);

        Assert.Equal("v2.demo:80", registry.ClusterAt("10.96.0.10:80"));
        Assert.Equal("foreign.demo:81", registry.ClusterAt("10.96.0.10:81"));
    }

    [Fact]
    public void A_virtual_service_counts_only_where_it_is_exported_to()
    {
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", Mesh.To("v2.demo")) with { ExportTo = ["shop"] }]);

        Assert.Equal("web.demo:80", registry.ClusterAt("10.96.0.10:80"));
    }

    [Theory]
    [InlineData("nowhere.demo", "", null, "nowhere.demo:80")]
    [InlineData("web.demo", "v9", null, "web.demo:80/v9")]
    [InlineData("web.demo", "", 99, "web.demo:99")]
    public void A_destination_that_does_not_exist_has_no_endpoints(string host, string subset, int? port, string cluster)
    {
        var route = Mesh.To(host) with { Destinations = [new(host, subset, port, 1, 1)] };
        var decision = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", route)]).Route("10.96.0.10:80");

        Assert.Equal((RouteKind.Cluster, cluster, 0), (decision.Kind, decision.Cluster!.Name, decision.Cluster.EndpointCount));
        Assert.Null(decision.Cluster.Choose());
    }

    [Fact]
    public void A_destination_without_port_is_the_port_called_or_the_only_one()
    {
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("v2.demo", Mesh.To("tls.demo")), Mesh.Routes("tls.demo", Mesh.To("web.demo"))]);

        Assert.Equal("tls.demo:443", registry.ClusterAt("10.96.0.20:80"));
        Assert.Equal(0, registry.Route("10.96.0.30:443").Cluster!.EndpointCount);
    }

    [Fact]
    public void Any_two_way_split_is_within_two_percent_after_a_hundred_connections()
    {
        for (var share = 0; share <= 100; share++)
        {
            var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", Mesh.To(("v2.demo", share), ("web.demo", 100 - share)))]);

            var counted = Enumerable.Range(0, 100).Count(_ => registry.ClusterAt("10.96.0.10:80") == "v2.demo:80");

            Assert.InRange(counted, share - 2, share + 2);
        }
    }

    [Fact]
    public void A_split_of_many_is_within_two_percent_after_a_hundred_and_exact_after_many()
    {
        (string Host, int Weight)[] weights = [("a.demo", 50), ("b.demo", 25), ("c.demo", 0), ("d.demo", 20), ("e.demo", 5)];
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", Mesh.To(weights))]);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);

        for (var turn = 1; turn <= 100_000; turn++)
        {
            var cluster = registry.ClusterAt("10.96.0.10:80");
            counts[cluster] = counts.GetValueOrDefault(cluster) + 1;
            if (turn == 100)
            {
                Assert.All(weights, pair => Assert.InRange(counts.GetValueOrDefault(pair.Host + ":80"), pair.Weight - 2, pair.Weight + 2));
            }
        }

        Assert.All(weights, pair => Assert.InRange(counts.GetValueOrDefault(pair.Host + ":80"), (pair.Weight * 1000) - 10, (pair.Weight * 1000) + 10));
    }

    [Fact]
    public void A_split_stays_exact_when_threads_share_it()
    {
        var registry = Mesh.Registry(_services, routes: [Mesh.Routes("web.demo", Mesh.To(("v2.demo", 10), ("web.demo", 90)))]);
        var counted = 0;

        Parallel.For(0, 10_000, _ =>
        {
            if (registry.ClusterAt("10.96.0.10:80") == "v2.demo:80")
            {
                Interlocked.Increment(ref counted);
            }
        });

        Assert.InRange(counted, 990, 1010);
    }

    [Theory]
    [InlineData(0, null, null)]
    [InlineData(1, OutboundTrafficPolicy.RegistryOnly, "root")]
    [InlineData(2, OutboundTrafficPolicy.AllowAny, "space")]
    [InlineData(3, OutboundTrafficPolicy.RegistryOnly, "own")]
    public void The_narrowest_sidecar_that_says_something_decides_about_unknown_destinations(int count, OutboundTrafficPolicy? policy, string? by)
    {
        Sidecar[] all =
        [
            new(Mesh.Origin(ResourceKind.Sidecar, "root", "istio-system"), WorkloadSelector.Everything, OutboundTrafficPolicy.RegistryOnly),
            new(Mesh.Origin(ResourceKind.Sidecar, "space"), WorkloadSelector.Everything, OutboundTrafficPolicy.AllowAny),
            new(Mesh.Origin(ResourceKind.Sidecar, "own"), new(Mesh.Labels("app", "web")), OutboundTrafficPolicy.RegistryOnly),
        ];
        Sidecar[] silent =
        [
            new(Mesh.Origin(ResourceKind.Sidecar, "silent"), new(Mesh.Labels("app", "web")), null),
            new(Mesh.Origin(ResourceKind.Sidecar, "shop"), new(Mesh.Labels("app", "shop")), OutboundTrafficPolicy.AllowAny),
            new(Mesh.Origin(ResourceKind.Sidecar, "far", "shop"), WorkloadSelector.Everything, OutboundTrafficPolicy.AllowAny),
        ];

        var registry = Mesh.Registry(_services, sidecars: [.. silent, .. all.Take(count)]);

        Assert.Equal((policy, by), (registry.OutboundPolicy, registry.OutboundPolicyBy?.Name));
    }
}
