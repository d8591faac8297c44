using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class ExplanationTests
{
    [Fact]
    public void Every_step_from_address_to_endpoint_is_told_with_file_and_line()
    {
        var services = new[]
        {
            Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1"),
            Mesh.Service("v2.demo", "10.96.0.20") with
            {
                Endpoints =
                [
                    Mesh.Endpoint("10.0.0.2") with { Identity = Mesh.Id("spiffe://cluster.local/ns/demo/sa/web"), Locality = Locality.Parse("eu/a") },
                    Mesh.Endpoint("10.0.0.3"),
                ],
            },
        };
        var rule = Mesh.Rule("v2.demo", new TrafficPolicy
        {
            LoadBalancing = LoadBalancing.Default with { Algorithm = LoadBalancer.RoundRobin, Line = 31 },
            ConnectionPool = new() { MaxConnections = 7, Line = 33 },
        });
        var routes = Mesh.Routes("web.demo",
            Mesh.To("nowhere.demo").If(new RouteMatch { SourceNamespace = "shop" }) with { Line = 8 },
            Mesh.To("nowhere.demo").If(new RouteMatch { Port = 81 }) with { Line = 9 },
            Mesh.To(("v2.demo", 3), ("web.demo", 1)));
        var registry = Mesh.Registry(services, [rule], [routes], locality: "eu/a");
        var cluster = registry.Route("10.96.0.20:80").Cluster!;
        var bad = cluster.Endpoints[0];
        Assert.True(bad.Failed(0) | bad.Failed(0) | bad.Failed(0));

        Assert.Equal(
            """
            10.96.0.10:80 is web.demo:80: 10.96.0.10 is an address of the service <ServiceEntry demo/web.demo (mesh.yaml:1)>
            routes of web.demo <VirtualService demo/routes-web.demo (mesh.yaml:1)>
              tcp[0] is for other workloads (sourceLabels, sourceNamespace) <VirtualService demo/routes-web.demo (mesh.yaml:8)>
              tcp[1] does not match (port 81) <VirtualService demo/routes-web.demo (mesh.yaml:9)>
              tcp[2] matches, it has no conditions <VirtualService demo/routes-web.demo (mesh.yaml:10)>
                75 % to v2.demo, the next connection goes there <VirtualService demo/routes-web.demo (mesh.yaml:11)>
                25 % to web.demo <VirtualService demo/routes-web.demo (mesh.yaml:11)>
            cluster v2.demo:80 <VirtualService demo/routes-web.demo (mesh.yaml:10)>
              balanced by RoundRobin, nearer endpoints first <DestinationRule demo/rule (mesh.yaml:31)>
              at most 7 connections <DestinationRule demo/rule (mesh.yaml:33)>
              ejected after 3 failures no more than 10 s apart, for 10 s times their number
              no TLS settings: mesh TLS where the endpoint's identity is known, else in clear
              endpoint 10.0.0.2:80: 0 active, weight 1, in eu/a, ejected for another 9999 ms, with mesh TLS to spiffe://cluster.local/ns/demo/sa/web <ServiceEntry demo/v2.demo (mesh.yaml:1)>
              endpoint 10.0.0.3:80: 0 active, weight 1, in clear <ServiceEntry demo/v2.demo (mesh.yaml:1)>
            dialled is 10.0.0.3:80, in clear <VirtualService demo/routes-web.demo (mesh.yaml:10)>
            """,
            Told(registry, "10.96.0.10:80", now: 1));
    }

    [Theory]
    [InlineData("10.0.0.1:80", "10.0.0.1:80 is web.demo:80: 10.0.0.1 is an endpoint of the service")]
    [InlineData("10.97.1.1:80", "10.97.1.1:80 is net.demo:80: it lies in 10.97.0.0/16, the longest network around it")]
    [InlineData("[2001:db8::1]:80", "[2001:db8::1]:80 is net.demo:80: it lies in 2001:db8::/32, the longest network around it")]
    [InlineData("192.0.2.1:90", "192.0.2.1:90 is any.demo:90: the service has no addresses, so that its port is enough")]
    [InlineData("192.0.2.1:443", "192.0.2.1:443 is *.example.com:443: the client asks for a name that is *.example.com")]
    [InlineData("192.0.2.1:99", "no service covers 192.0.2.1:99")]
    public void Why_a_service_covers_a_destination_is_the_first_thing_told(string destination, string step)
    {
        var registry = Mesh.Registry(
        [
            Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1"), Mesh.Service("net.demo", "10.97.0.0/16 2001:db8::/32"),
            Mesh.Service("any.demo", "", port: 90), Mesh.Service("*.example.com", "", port: 443).Tls(),
        ]);

        Assert.Equal(step, registry.Explain(Mesh.Request(destination, "x.example.com"))[0].Text);
    }

    [Fact]
    public void Names_that_were_not_asked_for_and_services_that_come_second_are_mentioned()
    {
        var registry = Mesh.Registry([Mesh.Service("a.example.com", "", port: 443).Tls(), Mesh.Service("b.demo", "10.96.0.10"), Mesh.Service("c.demo", "10.96.0.10")]);

        Assert.Contains("services of this port that are told apart by server name: 1; none was given", Told(registry, "1.2.3.4:443"), StringComparison.Ordinal);
        Assert.Contains("so does c.demo:80, which comes after it <ServiceEntry demo/c.demo (mesh.yaml:1)>", Told(registry, "10.96.0.10:80"), StringComparison.Ordinal);
    }

    [Fact]
    public void To_explain_changes_nothing()
    {
        var registry = Mesh.Registry(
            [Mesh.Service("web.demo", "10.96.0.10", "10.0.0.1")], routes: [Mesh.Routes("web.demo", Mesh.To(("a.demo", 1), ("b.demo", 1)))]);

        var told = Told(registry, "10.96.0.10:80");

        Assert.Equal(told, Told(registry, "10.96.0.10:80"));
        var next = registry.ClusterAt("10.96.0.10:80");
        Assert.Contains($"50 % to {next[..^3]}, the next connection goes there", told, StringComparison.Ordinal);
        Assert.Contains("there is no such service, port or subset", told, StringComparison.Ordinal);
    }

    private static string Told(Registry registry, string destination, long now = 0) => string.Join('\n', registry.Explain(Mesh.Request(destination), now).Select(Line));

    private static string Line(ExplainStep step) => $"{new string(' ', step.Depth * 2)}{step.Text}{(step.By is null ? "" : $" <{step.By}>")}";
}
