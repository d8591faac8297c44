using L4Proxy.Core.Routing;

namespace L4Proxy.Core.Tests.Routing;

public sealed class SecurityTests
{
    private const string Web = "spiffe://cluster.local/ns/demo/sa/web";
    private const string Shop = "spiffe://cluster.local/ns/demo/sa/shop";

    public static TheoryData<string, UpstreamTls?, string, string, bool, string> Rows => new()
    {
        // what is written, TLS settings, endpoint's identity, service's names, in the mesh, what comes of it
        { "nothing", null, "", "", true, "Plaintext" },
        { "an identity", null, Web, "", true, $"MeshTls outbound_.80_._.web.demo {Web}" },
        { "an identity outside", null, Web, "", false, $"MeshTls outbound_.80_._.web.demo {Web}" },
        { "a SPIFFE ID of the service", null, "", Shop, true, $"MeshTls outbound_.80_._.web.demo {Shop}" },
        { "a SPIFFE ID of a service outside", null, "", Shop, false, "Plaintext" },
        { "a DNS name of the service", null, "", "web.example.com", true, "Plaintext" },
        { "the service's before the endpoint's", null, Web, Shop, true, $"MeshTls outbound_.80_._.web.demo {Shop}" },
        { "DISABLE", Tls(UpstreamTlsMode.Disable), Web, Shop, true, "Plaintext" },
        { "ISTIO_MUTUAL alone", Tls(UpstreamTlsMode.IstioMutual), "", "", true, "MeshTls outbound_.80_._.web.demo " },
        { "ISTIO_MUTUAL with an identity", Tls(UpstreamTlsMode.IstioMutual), Web, "", true, $"MeshTls outbound_.80_._.web.demo {Web}" },
        { "ISTIO_MUTUAL with the service's", Tls(UpstreamTlsMode.IstioMutual), Web, Shop, false, $"MeshTls outbound_.80_._.web.demo {Shop}" },
        { "ISTIO_MUTUAL with its own", Tls(UpstreamTlsMode.IstioMutual) with { SubjectAltNames = [Web] }, "", Shop, true, $"MeshTls outbound_.80_._.web.demo {Web}" },
        { "ISTIO_MUTUAL with an SNI", Tls(UpstreamTlsMode.IstioMutual) with { Sni = "x" }, Web, "", true, $"MeshTls x {Web}" },
        {
            "ISTIO_MUTUAL with names that no workload has", Tls(UpstreamTlsMode.IstioMutual) with { SubjectAltNames = ["web.example.com"] }, Web, "", true,
            "MeshTls outbound_.80_._.web.demo spiffe://subject-alt-names-without-spiffe-id.invalid"
        },
        { "SIMPLE", Tls(UpstreamTlsMode.Simple), Web, "", true, "Tls web.demo " },
        { "SIMPLE with the service's names", Tls(UpstreamTlsMode.Simple), "", "web.example.com", false, "Tls web.demo web.example.com" },
        { "SIMPLE with its own", Tls(UpstreamTlsMode.Simple) with { SubjectAltNames = ["own"], Sni = "x" }, "", "web.example.com", false, "Tls x own" },
        { "MUTUAL", Tls(UpstreamTlsMode.Mutual) with { ClientCertificate = "c" }, "", "", false, "Tls web.demo " },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_leg_is_secured_by(string what, UpstreamTls? tls, string identity, string names, bool isInternal, string expected)
    {
        Assert.NotEmpty(what);
        var security = Cluster(tls, identity, names, isInternal).Endpoints[0].Security;

        Assert.Equal(expected, security.Kind switch
        {
            UpstreamSecurityKind.MeshTls => $"MeshTls {security.ServerName} {string.Join(' ', security.Identities)}",
            UpstreamSecurityKind.Tls => $"Tls {security.ServerName} {string.Join(' ', security.Tls!.SubjectAltNames)}",
            _ => "Plaintext",
        });
        Assert.Equal(tls?.ClientCertificate ?? "", security.Tls?.ClientCertificate ?? "");
    }

    [Fact]
    public void An_endpoint_that_is_labelled_as_without_TLS_gets_plaintext_unless_a_rule_demands_TLS()
    {
        Assert.Equal(UpstreamSecurityKind.Plaintext, Of(null));
        Assert.Equal(UpstreamSecurityKind.MeshTls, Of(Tls(UpstreamTlsMode.IstioMutual)));

        static UpstreamSecurityKind Of(UpstreamTls? tls) => Cluster(tls, Web, "", isInternal: true, label: "disabled").Endpoints[0].Security.Kind;
    }

    [Fact]
    public void The_server_name_of_mesh_TLS_names_port_subset_and_host_of_the_service()
    {
        var service = Mesh.Service("web.demo", "10.96.0.10", port: 8080) with { Endpoints = [Mesh.Endpoint("10.0.0.1") with { Identity = Mesh.Id(Web), Labels = Mesh.Labels("v", "2") }] };
        var rule = Mesh.Rule("web.demo", TrafficPolicy.None) with { Subsets = [new("v2", 1, Mesh.Labels("v", "2"), null)] };
        var registry = Mesh.Registry([service], [rule], [Mesh.Routes("web.demo", Mesh.To("web.demo/v2"))]);

        Assert.Equal("outbound_.8080_.v2_.web.demo", registry.Route("10.96.0.10:8080").Cluster!.Endpoints[0].Security.ServerName);
    }

    [Fact]
    public void Endpoints_for_which_it_is_the_same_share_one_object()
    {
        var endpoints = new[] { Web, Web, Shop, "", "" }.Select((identity, index) => Mesh.Endpoint($"10.0.0.{index + 1}") with { Identity = identity.Length > 0 ? Mesh.Id(identity) : null });
        var cluster = Mesh.Registry([Mesh.Service("web.demo", "10.96.0.10") with { Endpoints = [.. endpoints] }]).Route("10.96.0.10:80").Cluster!;

        Assert.Equal(3, cluster.Endpoints.ToArray().Select(endpoint => endpoint.Security).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    private static UpstreamTls Tls(UpstreamTlsMode mode) => new(mode, 1);

    private static Cluster Cluster(UpstreamTls? tls, string identity, string names, bool isInternal, string? label = null)
    {
        var endpoint = Mesh.Endpoint("10.0.0.1") with { Identity = identity.Length > 0 ? Mesh.Id(identity) : null };
        endpoint = label is null ? endpoint : endpoint with { Labels = Mesh.Labels("security.istio.io/tlsMode", label) };
        var service = Mesh.Service("web.demo", "10.96.0.10") with { Endpoints = [endpoint], IsMeshInternal = isInternal, SubjectAltNames = names.Length > 0 ? [names] : [] };
        return Mesh.Registry([service], [Mesh.Rule("web.demo", new TrafficPolicy { Tls = tls })]).Route("10.96.0.10:80").Cluster!;
    }
}
