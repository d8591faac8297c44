using L4Proxy.Configuration;

namespace L4Proxy.Tests.Resources.Traffic;

/// <summary>What services, workloads, destination rules and routes mean together.</summary>
public sealed class TrafficRuleTests
{
    private const string Web = """
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: web}
        spec:
          hosts: [web.demo.svc.cluster.local]
          addresses: [10.1.2.3]
          ports: [{number: 80, name: tcp, protocol: TCP}, {number: 81, name: more, protocol: TCP}]
          resolution: STATIC
          endpoints:
          - {address: 10.0.0.1, labels: {version: v1}}

        """;

    private const string Rule = """
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: web}
        spec:
          host: web.demo.svc.cluster.local
          subsets:
          - {name: v1, labels: {version: v1}}

        """;

    [Fact]
    public void What_fits_together_needs_no_word()
    {
        var set = ResourceDirectory.Of(Web + Rule + Route("{host: web.demo.svc.cluster.local, subset: v1, port: {number: 81}}"));

        Assert.Empty(set.Errors);
        Assert.Empty(set.Warnings);
    }

    [Theory]
    [InlineData("{host: wbe.demo.svc.cluster.local}", "",
        "7:1: spec.tcp[0].route[0].destination.host: no service is called 'wbe.demo.svc.cluster.local', so connections it gets end with noEndpoints; correct the name, or add a ServiceEntry")]
    [InlineData("{host: web.demo.svc.cluster.local, port: {number: 82}}",
        "7:1: spec.tcp[0].route[0].destination.port.number: 'web.demo.svc.cluster.local' has no port 82; it has 80, 81", "")]
    [InlineData("{host: web.demo.svc.cluster.local, subset: v2}",
        "7:1: spec.tcp[0].route[0].destination.subset: no DestinationRule of 'web.demo.svc.cluster.local' defines subset 'v2'; add it there, or remove it here", "")]
    public void A_route_leads_to_services_ports_and_subsets_that_there_are(string destination, string errors, string warnings) =>
        Found(Route(destination) + Web + Rule, errors, warnings);

    [Theory]
    [InlineData("*.demo.svc.cluster.local")]
    [InlineData("*.cluster.local")]
    public void A_rule_for_a_name_with_a_star_defines_subsets_of_the_services_below_it(string host) =>
        Found(Web + Rule.Replace("web.demo.svc.cluster.local", $"\"{host}\"", StringComparison.Ordinal)
            + Route("{host: web.demo.svc.cluster.local, subset: v1}"), "", "");

    [Fact]
    public void A_rule_for_a_host_that_no_service_has_is_doubtful() =>
        Found(Rule, "", "2:1: spec.host: no service is called 'web.demo.svc.cluster.local', so the rule has no effect; correct the name, or add a ServiceEntry");

    [Fact]
    public void A_subset_whose_labels_no_endpoint_has_is_doubtful() =>
        Found(Rule.Replace("{version: v1}", "{version: v9}", StringComparison.Ordinal) + Web, "",
            "8:1: spec.subsets: no endpoint of 'web.demo.svc.cluster.local' has the labels of subset 'v1', so connections to it find nobody; correct the labels, or add endpoints that have them");

    [Fact]
    public void Two_rules_for_one_host_and_the_same_workloads_are_told_of_each_other() =>
        Found(Web + Rule + Rule.Replace("{name: web}", "{name: other}", StringComparison.Ordinal),
            "13:1: spec.host: 'web.demo.svc.cluster.local' has rules in DestinationRule demo/other (r.yaml:21) as well, for the same workloads; write them as one\n"
            + "21:1: spec.host: 'web.demo.svc.cluster.local' has rules in DestinationRule demo/web (r.yaml:13) as well, for the same workloads; write them as one", "");

    [Theory]
    [InlineData("  workloadSelector: {matchLabels: {app: shop}}\n", "metadata: {name: other}")]
    [InlineData("", "metadata: {name: web, namespace: shop}")]
    public void Two_rules_for_one_host_and_other_workloads_are_good(string selector, string metadata) =>
        Found(Web + Rule + Rule.Replace("metadata: {name: web}", metadata, StringComparison.Ordinal) + selector, "", "");

    [Fact]
    public void One_port_of_one_host_is_described_once_in_a_namespace() =>
        Found(Web + Web.Replace("{name: web}", "{name: other}", StringComparison.Ordinal)
                .Replace("10.1.2.3", "10.1.2.4", StringComparison.Ordinal).Replace(", {number: 81, name: more, protocol: TCP}", "", StringComparison.Ordinal),
            "2:1: spec.hosts: port 80 of 'web.demo.svc.cluster.local' is described by ServiceEntry demo/other (r.yaml:13) as well; keep one of them, or give them different ports\n"
            + "13:1: spec.hosts: port 80 of 'web.demo.svc.cluster.local' is described by ServiceEntry demo/web (r.yaml:2) as well; keep one of them, or give them different ports", "");

    [Fact]
    public void Two_services_with_one_address_and_port_are_told_of_each_other() =>
        Found(Web + Web.Replace("name: web}", "name: db}", StringComparison.Ordinal).Replace("[web.", "[db.", StringComparison.Ordinal)
                .Replace("{number: 81, ", "{number: 82, ", StringComparison.Ordinal),
            "2:1: spec.addresses: port 80 of 10.1.2.3/32 is that of ServiceEntry demo/db (r.yaml:13) as well, and nothing tells one from the other; give them different addresses or ports\n"
            + "13:1: spec.addresses: port 80 of 10.1.2.3/32 is that of ServiceEntry demo/web (r.yaml:2) as well, and nothing tells one from the other; give them different addresses or ports", "");

    [Theory]
    [InlineData("protocol: TCP", "protocol: TLS", "")]
    [InlineData("  resolution", "  resolution", "  exportTo: [\".\"]\n")]
    public void One_address_and_port_is_enough_for_what_is_told_apart_by_name_or_by_who_sees_it(string was, string now, string end) =>
        Found(Web.Replace(was, now, StringComparison.Ordinal) + end
            + Web.Replace(was, now, StringComparison.Ordinal).Replace("{name: web}", "{name: web, namespace: shop}", StringComparison.Ordinal)
                .Replace("[web.", "[db.", StringComparison.Ordinal) + end, "", "");

    [Fact]
    public void A_workload_that_no_service_selects_is_doubtful() =>
        Found(Workload("10.0.0.9", "app: web"), "",
            "2:1: no ServiceEntry of its namespace selects it, so nothing is sent to it; add a workloadSelector with labels it has, or remove it");

    [Fact]
    public void A_workload_that_a_service_selects_has_the_labels_of_its_subsets() =>
        Found(Selecting("STATIC") + Workload("10.0.0.9", "app: web, version: v1") + Rule, "", "");

    [Fact]
    public void A_workload_with_a_name_cannot_be_one_of_a_service_with_addresses() =>
        Found(Selecting("STATIC") + Workload("vm.example.com", "app: web"),
            "17:1: spec.address: 'vm.example.com' is a name, and ServiceEntry demo/web (r.yaml:2), which selects it, has resolution STATIC; write an IP address, or resolution: DNS there", "");

    [Fact]
    public void Services_without_addresses_on_one_open_port_are_told_apart_by_nothing() =>
        Found(Anywhere("a") + Anywhere("b"), "",
            "5:7: spec.addresses: is missing, so every connection to port 80 that no other service's address covers is one to this service; add the addresses it is called by\n"
            + "7:1: spec.addresses: is missing, as it is in ServiceEntry demo/a (r.yaml:2): nothing but the port tells connections to port 80 apart; add the addresses it is called by\n"
            + "10:7: spec.addresses: is missing, so every connection to port 80 that no other service's address covers is one to this service; add the addresses it is called by");

    private static void Found(string text, string errors, string warnings)
    {
        var set = ResourceDirectory.Of(text);
        Assert.Equal(errors, Lines(set.Errors));
        Assert.Equal(warnings, Lines(set.Warnings));
    }

    private static string Lines(IEnumerable<ConfigurationError> findings) =>
        string.Join('\n', findings.Select(finding => finding.ToString()["r.yaml:".Length..]));

    private static string Route(string destination) => $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: web}
        spec:
          hosts: [web.demo.svc.cluster.local]
          tcp: [{route: [{destination: {{destination}} }]}]

        """;

    private static string Workload(string address, string labels) => $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: vm}
        spec: {address: {{address}}, labels: { {{labels}} } }

        """;

    private static string Selecting(string resolution) => Web[..Web.IndexOf("  resolution", StringComparison.Ordinal)] + $$"""
          resolution: {{resolution}}
          workloadSelector: {labels: {app: web} }



        """;

    private static string Anywhere(string name) => $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: {{name}}}
        spec: {hosts: [{{name}}.com], ports: [{number: 80, name: tcp, protocol: TCP}] }

        """;
}
