using System.Net;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class ServiceLookupTests
{
    [Theory]
    [InlineData("10.96.0.10:80", "web.demo:80")]
    [InlineData("10.96.0.10:81", "Unknown")]
    [InlineData("10.96.0.11:80", "Unknown")]
    [InlineData("[fd00::10]:80", "web.demo:80")]
    [InlineData("[fd00::11]:80", "Unknown")]
    [InlineData("[::ffff:10.96.0.10]:80", "web.demo:80")]
    public void A_service_is_found_by_its_addresses_and_port(string destination, string cluster)
    {
        var registry = Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10 fd00::10", "10.0.0.1")]);

        Assert.Equal(cluster, registry.ClusterAt(destination));
    }

    [Theory]
    [InlineData("10.1.2.3:80", "exact.demo:80")]
    [InlineData("10.1.2.4:80", "narrow.demo:80")]
    [InlineData("10.1.3.1:80", "wide.demo:80")]
    [InlineData("11.0.0.1:80", "any.demo:80")]
    [InlineData("[2001:db8::1]:80", "six.demo:80")]
    [InlineData("[2001:db9::1]:80", "any.demo:80")]
    public void The_longest_prefix_wins_and_no_addresses_are_the_shortest(string destination, string cluster)
    {
        var registry = Mesh.Registry(
        [
            Mesh.Service("any.demo", ""), Mesh.Service("wide.demo", "10.0.0.0/8"), Mesh.Service("narrow.demo", "10.1.2.0/24"),
            Mesh.Service("exact.demo", "10.1.2.3"), Mesh.Service("six.demo", "2001:db8::/32"),
        ]);

        Assert.Equal(cluster, registry.ClusterAt(destination));
    }

    [Fact]
    public void An_IPv6_network_of_everything_holds_no_IPv4_address()
    {
        var registry = Mesh.Registry([Mesh.Service("six.demo", "::/0")]);

        Assert.Equal(["six.demo:80", "Unknown"], [registry.ClusterAt("[2001:db8::1]:80"), registry.ClusterAt("10.0.0.1:80")]);
    }

    [Fact]
    public void A_known_endpoint_is_honoured_exactly()
    {
        var registry = Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1 10.0.0.2")], routes: [Mesh.Routes("web.demo", Mesh.To("nowhere.demo"))]);

        var decision = registry.Route("10.0.0.2:80");

        Assert.Equal(RouteKind.OriginalDestination, decision.Kind);
        Assert.Equal("web.demo:80", decision.Cluster!.Name);
        Assert.Equal(IPEndPoint.Parse("10.0.0.2:80"), decision.Endpoint!.Address);
        Assert.Same(decision.Endpoint, decision.Cluster.Endpoints[1]);
    }

    [Fact]
    public void An_address_that_is_both_a_service_and_an_endpoint_is_the_service()
    {
        var registry = Mesh.Registry([Mesh.Service("web.demo", "10.0.0.1", "10.0.0.1 10.0.0.2")]);

        Assert.Equal(RouteKind.Cluster, registry.Route("10.0.0.1:80").Kind);
    }

    [Fact]
    public void An_endpoint_inside_a_network_of_a_service_is_the_endpoint()
    {
        var registry = Mesh.Registry([Mesh.Service("db.demo", "10.0.0.0/24", "10.0.0.1")]);

        Assert.Equal(RouteKind.OriginalDestination, registry.Route("10.0.0.1:80").Kind);
        Assert.Equal(RouteKind.Cluster, registry.Route("10.0.0.9:80").Kind);
    }

    [Fact]
    public void An_endpoint_listens_at_its_own_port_or_the_target_port_or_the_port_of_the_service()
    {
        var endpoints = new[] { Mesh.Endpoint("10.0.0.1") with { Ports = System.Collections.Immutable.ImmutableSortedDictionary<string, int>.Empty.Add("tcp", 9000) }, Mesh.Endpoint("10.0.0.2") };
        var service = Mesh.Service("web.demo", "10.96.0.10") with { Endpoints = [.. endpoints], Ports = [new(80, "tcp", false, 8080), new(90, "other", false, null)] };
        var registry = Mesh.Registry([service]);

        Assert.Equal(["10.0.0.1:9000", "10.0.0.2:8080"], registry.Route("10.96.0.10:80").Cluster!.Addresses());
        Assert.Equal(["10.0.0.1:90", "10.0.0.2:90"], registry.Route("10.96.0.10:90").Cluster!.Addresses());
        Assert.Equal(RouteKind.OriginalDestination, registry.Route("10.0.0.1:9000").Kind);
        Assert.Equal(RouteKind.Unknown, registry.Route("10.0.0.2:9000").Kind);
    }

    [Theory]
    [InlineData("api.example.com", "api.example.com:443")]
    [InlineData("API.Example.com", "api.example.com:443")]
    [InlineData("x.example.com", "*.example.com:443")]
    [InlineData("x.eu.example.com", "*.eu.example.com:443")]
    [InlineData("example.com", "Unknown")]
    [InlineData(null, "Unknown")]
    public void Without_addresses_TLS_ports_are_told_apart_by_server_name(string? serverName, string cluster)
    {
        var registry = Mesh.Registry(
        [
            Mesh.Service("api.example.com", "", port: 443).Tls(), Mesh.Service("*.example.com", "", port: 443).Tls(),
            Mesh.Service("*.eu.example.com", "", port: 443).Tls(),
        ]);

        Assert.True(registry.NeedsServerName(IPEndPoint.Parse("1.2.3.4:443")));
        Assert.False(registry.NeedsServerName(IPEndPoint.Parse("1.2.3.4:444")));
        Assert.Equal(cluster, registry.ClusterAt("1.2.3.4:443", serverName));
    }

    [Fact]
    public void Services_that_share_an_address_and_a_TLS_port_are_told_apart_by_server_name()
    {
        var registry = Mesh.Registry([Mesh.Service("a.demo", "10.96.0.10", port: 443).Tls(), Mesh.Service("b.demo", "10.96.0.10", port: 443).Tls()]);

        Assert.True(registry.NeedsServerName(IPEndPoint.Parse("10.96.0.10:443")));
        Assert.Equal("b.demo:443", registry.ClusterAt("10.96.0.10:443", "b.demo"));
        Assert.Equal("a.demo:443", registry.ClusterAt("10.96.0.10:443", "c.demo"));
        Assert.Equal("a.demo:443", registry.ClusterAt("10.96.0.10:443"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("*", true)]
    [InlineData("demo", true)]
    [InlineData("other", false)]
    [InlineData("other demo", true)]
    public void A_service_is_visible_to_the_namespaces_it_is_exported_to(string exportTo, bool isVisible)
    {
        var service = Mesh.Service("web.shop", "10.96.0.10", "10.0.0.1", space: "shop") with { ExportTo = [.. exportTo.Split(' ', StringSplitOptions.RemoveEmptyEntries)] };
        var registry = Mesh.Registry([service], routes: [Mesh.Routes("own.demo", Mesh.To("web.shop"))]);

        Assert.Equal(isVisible ? "web.shop:80" : "Unknown", registry.ClusterAt("10.96.0.10:80"));
        Assert.Equal(isVisible ? "web.shop:80" : "Unknown", registry.ClusterAt("10.0.0.1:80"));
    }

    [Fact]
    public void Of_two_services_at_one_address_that_of_our_namespace_counts_then_the_first_by_name()
    {
        Service[] services =
        [
            Mesh.Service("a.shop", "10.96.0.10", space: "shop"), Mesh.Service("z.demo", "10.96.0.10"),
            Mesh.Service("b.shop", "10.96.0.11", space: "shop"), Mesh.Service("a.shop", "10.96.0.11", space: "shop"),
        ];
        foreach (var order in new[] { services, [.. services.Reverse()] })
        {
            var registry = Mesh.Registry(order);
            Assert.Equal(["z.demo:80", "a.shop:80"], [registry.ClusterAt("10.96.0.10:80"), registry.ClusterAt("10.96.0.11:80")]);
        }
    }

    [Fact]
    public void Without_resolution_a_connection_goes_where_it_was_going_under_the_policy_of_the_service()
    {
        var service = Mesh.Service("*.example.com", "", port: 443).Tls() with { Resolution = Resolution.None, IsMeshInternal = false };
        var policy = new TrafficPolicy { ConnectionPool = new() { MaxConnections = 7 }, Tls = new(UpstreamTlsMode.Simple, 3) { Sni = "gateway.example.com" } };
        var registry = Mesh.Registry([service], [Mesh.Rule("*.example.com", policy)]);

        var decision = registry.Route("192.0.2.1:443", "x.example.com");

        Assert.Equal(RouteKind.OriginalDestination, decision.Kind);
        Assert.Equal(7, decision.Cluster!.Policy.ConnectionPool!.MaxConnections);
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:443"), decision.Endpoint!.Address);
        Assert.Equal((UpstreamSecurityKind.Tls, "gateway.example.com"), (decision.Endpoint.Security.Kind, decision.Endpoint.Security.ServerName));
        Assert.False(decision.Endpoint.Failed(0) || decision.Endpoint.Failed(0) || decision.Endpoint.Failed(0));
    }

    [Fact]
    public void The_passthrough_balancer_dials_the_service_address_itself()
    {
        var registry = Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1")], [Mesh.Rule("web.demo", LoadBalancer.Passthrough)]);

        var decision = registry.Route("10.96.0.10:80");

        Assert.Equal((RouteKind.OriginalDestination, "web.demo:80"), (decision.Kind, decision.Cluster!.Name));
        Assert.Null(decision.Endpoint);
    }

    [Fact]
    public void An_empty_registry_covers_nothing()
    {
        Assert.Equal(RouteKind.Unknown, Registry.Empty.Route("10.0.0.1:80").Kind);
        Assert.False(Registry.Empty.NeedsServerName(IPEndPoint.Parse("10.0.0.1:443")));
    }
}
