using System.Collections.Concurrent;
using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.Manifest;
using static L4Proxy.Tests.Mesh.OutboundMesh;

namespace L4Proxy.Tests.Mesh;

/// <summary>A service is called by an address that nobody has, and reached at its endpoints, over mutual TLS where they are of the mesh.</summary>
public sealed class ServiceAddressTests(OutboundMesh mesh) : IClassFixture<OutboundMesh>
{
    private const string Address = "10.96.0.10";
    private const string Host = "web.demo.svc.cluster.local";
    private const string Subsets = "[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]";
    private const string RoundRobin = "loadBalancer: {simple: ROUND_ROBIN}";

    private static readonly string _service = Service("web", Address,
        Web(WebAddress(0), "labels: {version: v1}"), Web(WebAddress(1), "labels: {version: v1}"), Web(WebAddress(2), "labels: {version: v2}"));

    [Fact]
    public async Task A_call_of_its_address_reaches_each_endpoint_in_turn()
    {
        await mesh.Shop.ApplyAsync(_service + Traffic("web", RoundRobin));
        var answers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await mesh.CallAsync(Address));
        }

        Assert.Equal(new[] { Answer(0), Answer(1), Answer(2) }.Order(StringComparer.Ordinal), answers[..3].Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(answers[..3], answers[3..]);
        Assert.All(await mesh.Shop.LinesAsync(6), line =>
        {
            Assert.Equal(("completed", $"{Host}:80", $"{Address}:80"), (line.Reason, EndingFacts.Text(line.Line, "route"), $"{line.OriginalDestination}"));
            Assert.Equal("spiffe://cluster.local/ns/demo/sa/web", EndingFacts.Text(line.Line, "peerIdentity"));
        });
        Assert.All(await mesh.Web.LinesAsync(6), line =>
            Assert.Equal(("spiffe://cluster.local/ns/demo/sa/shop", $"outbound_.80_._.{Host}"),
                (EndingFacts.Text(line.Line, "peerIdentity"), EndingFacts.Text(line.Line, "sni"))));
        Assert.Equal($"{Host}:80", EndingFacts.Text(mesh.Shop.Explain("--to", $"{Address}:80"), "route"));
    }

    [Fact]
    public async Task A_call_of_an_endpoint_goes_there_and_nowhere_else()
    {
        await mesh.Shop.ApplyAsync(_service + Traffic("web", RoundRobin));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Answer(1), await mesh.CallAsync(WebAddress(1), 8080));
        }

        Assert.All(await mesh.Shop.LinesAsync(4), line => Assert.Equal((Host + ":80", "spiffe://cluster.local/ns/demo/sa/web"),
            (EndingFacts.Text(line.Line, "route"), EndingFacts.Text(line.Line, "peerIdentity"))));
        await mesh.Web.LinesAsync(4);
    }

    [Fact]
    public async Task A_split_by_weight_is_kept_within_two_percent()
    {
        const int Calls = 1000;
        await mesh.Shop.ApplyAsync(_service + Traffic("web", RoundRobin, Subsets) + Of("VirtualService", "demo/web",
            $"{{hosts: [{Host}], tcp: [{{route: [{{destination: {{host: {Host}, subset: v1}}, weight: 80}}, {{destination: {{host: {Host}, subset: v2}}, weight: 20}}]}}]}}"));
        var answers = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (_, _) => answers.Add(await mesh.CallAsync(Address)));

        var lines = await mesh.Shop.LinesAsync(Calls);
        await mesh.Web.LinesAsync(Calls);
        Assert.Empty(lines.Where(line => line.Reason != "completed").Select(line => line.Line.ToString()));
        Assert.Empty(answers.Except([Answer(0), Answer(1), Answer(2)], StringComparer.Ordinal));
        var second = answers.Count(answer => answer == Answer(2));
        Assert.InRange(second, 180, 220);
        Assert.Equal(second, lines.Count(line => EndingFacts.Text(line.Line, "route") == Host + ":80/v2"));
    }

    [Fact]
    public async Task A_subset_is_the_endpoints_with_its_labels()
    {
        await mesh.Shop.ApplyAsync(_service + Traffic("web", RoundRobin, Subsets) + Of("VirtualService", "demo/web",
            $"{{hosts: [{Host}], tcp: [{{route: [{{destination: {{host: {Host}, subset: v2}}}}]}}]}}"));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Answer(2), await mesh.CallAsync(Address));
        }

        Assert.All(await mesh.Shop.LinesAsync(4), line => Assert.Equal(Host + ":80/v2", EndingFacts.Text(line.Line, "route")));
        Assert.All(await mesh.Web.LinesAsync(4), line => Assert.Equal($"outbound_.80_.v2_.{Host}", EndingFacts.Text(line.Line, "sni")));
    }

    [Fact]
    public async Task A_subset_that_no_endpoint_has_is_noEndpoints()
    {
        await mesh.Shop.ApplyAsync(_service + Traffic("web", RoundRobin, "[{name: v3, labels: {version: v3}}]") + Of("VirtualService", "demo/web",
            $"{{hosts: [{Host}], tcp: [{{route: [{{destination: {{host: {Host}, subset: v3}}}}]}}]}}"));

        Assert.Equal("reset", await mesh.CallAsync(Address));

        var line = await mesh.Shop.LineAsync();
        Assert.Equal(("noEndpoints", Host + ":80/v3"), (line.Reason, EndingFacts.Text(line.Line, "route")));
    }

    [Fact]
    public async Task TLS_of_the_application_goes_where_its_server_name_is_routed()
    {
        await mesh.Shop.ApplyAsync(
            Tls("first", "first.example", 1) + Tls("second", "second.example", 2) + Tls("front", "a.example, b.example", 3)
            + Of("VirtualService", "demo/by-name",
                $"{{hosts: [a.example, b.example], tls: [{Named("a.example", "first")}, {Named("b.example", "second")}]}}"));

        Assert.Equal($"{MeshTopology.External(1)}:{TlsOfItsOwn} hello", await NamedAsync("a.example"));
        Assert.Equal($"{MeshTopology.External(2)}:{TlsOfItsOwn} hello", await NamedAsync("b.example"));

        Assert.Equal([($"first.example:{TlsOfItsOwn}", "a.example"), ($"second.example:{TlsOfItsOwn}", "b.example")],
            (await mesh.Shop.LinesAsync(2)).Select(line => (EndingFacts.Text(line.Line, "route"), EndingFacts.Text(line.Line, "sni"))));

        static string Tls(string name, string hosts, int host) => Of("ServiceEntry", $"demo/{name}",
            $"{{hosts: [{hosts}], addresses: [10.96.1.{host}], location: MESH_EXTERNAL, resolution: STATIC, "
            + $"ports: [{{number: {TlsOfItsOwn}, name: tls, protocol: TLS}}], endpoints: [{{address: {MeshTopology.External(host)}}}]}}");

        static string Named(string name, string service) =>
            $"{{match: [{{port: {TlsOfItsOwn}, sniHosts: [{name}]}}], route: [{{destination: {{host: {service}.example}}}}]}}";

        Task<string> NamedAsync(string name)
        {
            var tls = mesh.Authority.Certificate("ops/batch").ApplicationClient();
            tls.TargetHost = name;
            return Call.OnceAsync(mesh.Shop.Application, "10.96.1.3", TlsOfItsOwn, tls);
        }
    }
}
