using System.Net;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;
using L4Proxy.Resources.Traffic;

namespace L4Proxy.Tests.Resources.Traffic;

public sealed class VirtualServiceReaderTests
{
    private const string Full = """

          hosts: [web, "*.example.com", 10.1.2.3]
          gateways: [mesh, edge]
          tls:
          - match:
            - sniHosts: [A.example.com, "*.b.example.com"]
              port: 443
            route:
            - destination: {host: a.example.com, port: {number: 8443}}
          tcp:
          - match: [{gateways: [edge]}]
            route: [{destination: {host: edge.demo.svc.cluster.local}}]
          - match:
            - destinationSubnets: [10.0.0.0/8, 192.0.2.1]
              sourceLabels: {app: shop}
              sourceNamespace: shop
              gateways: [mesh]
            - gateways: [edge]
            route:
            - destination: {host: web, subset: v1}
              weight: 75
            - destination: {host: web, subset: v2}
              weight: 25
          exportTo: ["."]
        """;

    [Fact]
    public void Every_field_of_a_virtual_service_is_in_its_normal_form()
    {
        var service = OneResource.Of<VirtualService>(Full);

        Assert.Equal("web.demo.svc.cluster.local *.example.com 10.1.2.3", string.Join(' ', service.Hosts));
        Assert.Equal("demo", string.Join(' ', service.ExportTo));

        var tls = Assert.Single(service.Tls);
        var match = Assert.Single(tls.Matches);
        Assert.Equal<TextPattern>([new TextPattern(PatternKind.Exact, "a.example.com"), new TextPattern(PatternKind.Suffix, ".b.example.com")], match.ServerNames);
        Assert.Equal(443, match.Port);
        Assert.Equal(new RouteDestination("a.example.com", "", 8443, 1, 12), Assert.Single(tls.Destinations));
    }

    [Fact]
    public void Matches_and_routes_for_gateways_alone_are_left_out()
    {
        var route = Assert.Single(OneResource.Of<VirtualService>(Full).Tcp);

        Assert.Equal((1, 16), (route.Index, route.Line));
        var match = Assert.Single(route.Matches);
        Assert.Equal<IPNetwork>([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.1/32")], match.DestinationSubnets);
        Assert.Equal(("shop", "shop"), (match.SourceLabels["app"], match.SourceNamespace));
        Assert.Equal(
            [("web.demo.svc.cluster.local", "v1", 75), ("web.demo.svc.cluster.local", "v2", 25)],
            route.Destinations.Select(destination => (destination.Host, destination.Subset, destination.Weight)));
    }

    [Fact]
    public void A_virtual_service_for_gateways_alone_routes_nothing()
    {
        var service = OneResource.Of<VirtualService>("{hosts: [a.com], gateways: [edge], http: [{}], tcp: [{route: [{destination: {host: b.com}}]}]}");

        Assert.Empty(service.Hosts);
        Assert.Empty(service.Tcp);
    }

    [Fact]
    public void A_destination_that_stands_alone_gets_everything_whatever_its_weight()
    {
        var service = OneResource.Of<VirtualService>("{hosts: [a.com], tcp: [{route: [{destination: {host: b.com}, weight: 0}]}]}");

        Assert.Equal(1, Assert.Single(Assert.Single(service.Tcp).Destinations).Weight);
    }

    [Fact]
    public void A_virtual_service_that_moves_takes_the_lines_in_it_along()
    {
        var service = OneResource.Of<VirtualService>(Full);

        var moved = VirtualServiceReader.Move(service, service.Origin with { Line = 11 }, lines: 10);

        Assert.Equal((26, 22), (moved.Tcp[0].Line, moved.Tls[0].Destinations[0].Line));
    }
}
