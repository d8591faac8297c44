using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Resources;

namespace L4Proxy.Tests.Resources;

/// <summary>What good files come to, and what is said about those that are probably not what was meant.</summary>
public sealed class PolicyReadingTests
{
    private const string Policy = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\n";

    [Fact]
    public void Every_field_of_a_policy_has_its_place_in_the_normal_form()
    {
        var set = Good("""
            # Kubernetes writes more than people do.
            apiVersion: security.istio.io/v1beta1
            kind: AuthorizationPolicy
            metadata:
              name: all
              namespace: shop
              uid: 1-2-3
              creationTimestamp: null
              managedFields: [{fieldsV1: {"f:spec": {}}}]
              annotations:
                istio.io/dry-run: "true"
                note: costs $5 and ${NOTHING}
            spec:
              action: DENY
              selector: {matchLabels: {app: web}}
              rules:
              - from:
                - source:
                    principals: ["cluster.local/ns/demo/sa/web", "*/sa/db"]
                    notPrincipals: ["*"]
                    namespaces: [demo, "prod-*"]
                    notNamespaces: [test]
                    trustDomains: [cluster.local]
                    notTrustDomains: ["*.old"]
                    ipBlocks: [10.0.0.0/8, 192.0.2.1, "2001:db8::/32"]
                    notIpBlocks: [10.1.0.0/16]
                    remoteIpBlocks: [203.0.113.7]
                    notRemoteIpBlocks: ["::1"]
                - source: {serviceAccounts: [web, other/db], notServiceAccounts: [shop/old]}
                to:
                - operation: {ports: ["80", 443], notPorts: [8080]}
                when:
                - {key: source.ip, values: [10.0.0.1], notValues: [10.0.0.2]}
                - {key: remote.ip, values: [10.0.0.3]}
                - {key: source.namespace, values: [a]}
                - {key: source.principal, notValues: ["cluster.local/*"]}
                - {key: source.serviceAccount, values: [b/c]}
                - {key: source.trustDomain, values: [td]}
                - {key: destination.ip, values: [10.2.0.0/16]}
                - {key: destination.port, values: ["5432"]}
                - {key: connection.sni, values: ["*.example.com"]}
              - {}
            status: {conditions: []}
            """);

        var policy = Assert.Single(set.AuthorizationPolicies);
        Assert.Equal(new Origin(ResourceKind.AuthorizationPolicy, "shop", "all", "r.yaml", 2), policy.Origin);
        Assert.Equal((PolicyAction.Deny, true, "web"), (policy.Action, policy.IsDryRun, policy.Selector.Labels["app"]));
        Assert.Equal([(0, 17), (1, 42)], policy.Rules.Select(rule => (rule.Index, rule.Line)));
        Assert.Empty(policy.Rules[1].Clauses);
        Assert.Equal([2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], policy.Rules[0].Clauses.Select(clause => clause.Matches.Length));
        var matches = policy.Rules[0].Clauses.SelectMany(clause => clause.Matches).ToList();
        var source = matches[0];
        Assert.Equal(19, source.Line);
        Assert.Equal(["cluster.local/ns/demo/sa/web", "*/sa/db"], source.Principals.Select(each => each.ToString()), StringComparer.Ordinal);
        Assert.Equal("*", Assert.Single(source.NotPrincipals).ToString());
        Assert.Equal(["demo", "prod-*"], source.Namespaces.Select(each => each.ToString()), StringComparer.Ordinal);
        Assert.Equal("test", Assert.Single(source.NotNamespaces).ToString());
        Assert.Equal(("cluster.local", "*.old"), (Assert.Single(source.TrustDomains).ToString(), Assert.Single(source.NotTrustDomains).ToString()));
        Assert.Equal(["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"], source.SourceNetworks.Select(each => each.ToString()), StringComparer.Ordinal);
        Assert.Equal("10.1.0.0/16", Assert.Single(source.NotSourceNetworks).ToString());
        Assert.Equal(("203.0.113.7/32", "::1/128"), (Assert.Single(source.RemoteNetworks).ToString(), Assert.Single(source.NotRemoteNetworks).ToString()));
        Assert.Equal("shop/web other/db", string.Join(' ', matches[1].ServiceAccounts));
        Assert.Equal(new ServiceAccount("shop", "old"), Assert.Single(matches[1].NotServiceAccounts));
        Assert.Equal("80 443", string.Join(' ', matches[2].Ports));
        Assert.Equal(8080, Assert.Single(matches[2].NotPorts));
        Assert.Equal(("10.0.0.1/32", "10.0.0.2/32"), (matches[3].SourceNetworks[0].ToString(), matches[3].NotSourceNetworks[0].ToString()));
        Assert.Equal("10.0.0.3/32", matches[4].RemoteNetworks[0].ToString());
        Assert.Equal("a", matches[5].Namespaces[0].Text);
        Assert.Equal("cluster.local/", matches[6].NotPrincipals[0].Text);
        Assert.Equal(new ServiceAccount("b", "c"), matches[7].ServiceAccounts[0]);
        Assert.Equal("td", matches[8].TrustDomains[0].Text);
        Assert.Equal("10.2.0.0/16", matches[9].DestinationNetworks[0].ToString());
        Assert.Equal(5432, matches[10].Ports[0]);
        Assert.Equal(".example.com", matches[11].ServerNames[0].Text);
        Assert.Empty(set.Warnings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("spec: {}")]
    [InlineData("spec: {rules: []}")]
    [InlineData("spec: {selector: {matchLabels: {app: web}}}")]
    public void A_policy_without_rules_allows_nothing(string spec)
    {
        var policy = Assert.Single(Good(Policy + spec).AuthorizationPolicies);

        Assert.Equal(("demo", PolicyAction.Allow), (policy.Origin.Namespace, policy.Action));
        Assert.Empty(policy.Rules);
    }

    [Fact]
    public void What_kubectl_prints_of_several_resources_is_read_with_their_own_lines()
    {
        var set = Good("""
            apiVersion: v1
            kind: List
            metadata: {resourceVersion: ""}
            items:
            - apiVersion: security.istio.io/v1
              kind: AuthorizationPolicy
              metadata: {name: a}
            - apiVersion: security.istio.io/v1
              kind: PeerAuthentication
              metadata: {name: a, namespace: istio-system}
              spec: {mtls: {mode: STRICT}}
            """);

        Assert.Equal(5, Assert.Single(set.AuthorizationPolicies).Origin.Line);
        Assert.Equal(8, Assert.Single(set.PeerAuthentications).Origin.Line);
    }

    [Fact]
    public void A_peer_authentication_says_a_mode_for_all_and_one_for_some_ports()
    {
        var resource = Assert.Single(Good("""
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: p, namespace: demo}
            spec:
              selector:
                matchLabels: {app: web}
              mtls: {mode: UNSET}
              portLevelMtls:
                8080: {mode: DISABLE}
                "9090": {mode: STRICT}
                9091: {}
            """).PeerAuthentications);

        Assert.Null(resource.Mode);
        Assert.Equal(
            [(8080, new PortMtls(MtlsMode.Disable, 9)), (9090, new PortMtls(MtlsMode.Strict, 10)), (9091, new PortMtls(null, 11))],
            resource.Ports.Select(port => (port.Key, port.Value)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("spec: {outboundTrafficPolicy: {}}", OutboundTrafficPolicy.AllowAny)]
    [InlineData("spec: {outboundTrafficPolicy: {mode: ALLOW_ANY}}", OutboundTrafficPolicy.AllowAny)]
    [InlineData("spec: {workloadSelector: {labels: {app: web}}, outboundTrafficPolicy: {mode: REGISTRY_ONLY}}", OutboundTrafficPolicy.RegistryOnly)]
    public void A_sidecar_says_what_becomes_of_unknown_destinations(string spec, OutboundTrafficPolicy? expected) => Assert.Equal(
        expected, Assert.Single(Good("apiVersion: networking.istio.io/v1alpha3\nkind: Sidecar\nmetadata: {name: p}\n" + spec).Sidecars).Policy);

    [Theory]
    // HTTP on a connection: tighter for ALLOW, broader for the others.
    [InlineData("ALLOW", "{to: [{operation: {ports: [80], paths: [/a]}}]}", "", "4:31: spec.rules[0]: asks for paths, which only HTTP has, so the whole rule is left out and allows nobody;")]
    [InlineData("ALLOW", "{from: [{source: {namespaces: [a]}}, {source: {requestPrincipals: [b]}}]}", "", "4:31: spec.rules[0]: asks for requestPrincipals, which only HTTP has, so the whole rule is left out")]
    [InlineData("ALLOW", "{when: [{key: request.auth.claims, values: [a]}]}", "", "4:31: spec.rules[0]: asks for request.auth.claims, which only HTTP has, so the whole rule is left out")]
    [InlineData("DENY", "{to: [{operation: {ports: [80], paths: [/a], notMethods: [GET]}}]}", "0:1", "4:30: spec.rules[0]: asks for notMethods, paths, which only HTTP has and which is left out: the rule denies more than it would on HTTP;")]
    [InlineData("DENY", "{from: [{source: {namespaces: [a]}}], to: [{operation: {ports: [80]}}, {operation: {paths: [/a]}}]}", "0:1", "4:30: spec.rules[0]: asks for paths, which only HTTP has and which is left out: the rule denies more")]
    [InlineData("DENY", "{from: [{source: {namespaces: [a]}}], when: [{key: \"request.headers[a]\", values: [b]}]}", "0:1", "4:30: spec.rules[0]: asks for request.headers[a],")]
    [InlineData("AUDIT", "{to: [{operation: {hosts: [a]}}]}", "0:0", "4:31: spec.rules[0]: asks for hosts, which only HTTP has and which is left out: the rule marks everything;")]
    // What can never match.
    [InlineData("ALLOW", "{from: [{source: {principals: [cluster.local/demo/web]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.principals[0]: 'cluster.local/demo/web' matches no principal of a mesh;")]
    [InlineData("ALLOW", "{from: [{source: {principals: [web]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.principals[0]: 'web' matches no principal of a mesh;")]
    [InlineData("ALLOW", "{from: [{source: {principals: [\"td/ns/*/sa/web\"]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.principals[0]: 'td/ns/*/sa/web' never matches: a star means something only alone,")]
    [InlineData("ALLOW", "{from: [{source: {principals: [\"td/sa/*\"]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.principals[0]: 'td/sa/*' matches no principal")]
    [InlineData("ALLOW", "{from: [{source: {principals: [\"*/demo/web\"]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.principals[0]: '*/demo/web' matches no principal")]
    [InlineData("ALLOW", "{from: [{source: {namespaces: [td/ns/demo]}}]}", "0:1", "4:62: spec.rules[0].from[0].source.namespaces[0]: 'td/ns/demo' matches no namespace;")]
    [InlineData("ALLOW", "{from: [{source: {notTrustDomains: [td/ns]}}]}", "0:1", "4:67: spec.rules[0].from[0].source.notTrustDomains[0]: 'td/ns' matches no trust domain;")]
    [InlineData("ALLOW", "{when: [{key: connection.sni, values: [\"https://a\"]}]}", "0:1", "4:70: spec.rules[0].when[0].values[0]: 'https://a' matches no server name;")]
    [InlineData("ALLOW", "{from: [{source: {ipBlocks: [10.1.2.3/8]}}]}", "0:1", "4:60: spec.rules[0].from[0].source.ipBlocks[0]: '10.1.2.3/8' has bits set behind its prefix, which mean nothing; write 10.0.0.0/8")]
    public void What_is_doubtful_is_accepted_with_a_warning(string action, string rule, string rules, string expected)
    {
        var set = Good($"{Policy}spec: {{action: {action}, rules: [{rule}]}}");

        Assert.StartsWith("r.yaml:" + expected, Assert.Single(set.Warnings).ToString(), StringComparison.Ordinal);
        Assert.Equal(rules, string.Join(' ', Assert.Single(set.AuthorizationPolicies).Rules.Select(each => $"{each.Index}:{each.Clauses.Length}")));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("cluster.local/*")]
    [InlineData("cluster.local/ns/*")]
    [InlineData("cluster.local/n*")]
    [InlineData("cluster.local/ns/demo/s*")]
    [InlineData("clus*")]
    [InlineData("*web")]
    [InlineData("*/web")]
    [InlineData("*a/web")]
    [InlineData("*/sa/web")]
    [InlineData("*/demo/sa/web")]
    [InlineData("*local/ns/demo/sa/web")]
    public void Patterns_of_principals_that_can_match_are_taken_without_a_word(string pattern) =>
        Assert.Empty(Good($"{Policy}spec: {{rules: [{{from: [{{source: {{principals: [\"{pattern}\"]}}}}]}}]}}").Warnings);

    [Fact]
    public void Rules_that_are_left_out_keep_their_numbers() => Assert.Equal(
        [1, 3],
        Assert.Single(Good(Policy + "spec: {rules: [{to: [{operation: {paths: [a]}}]}, {}, {to: [{operation: {methods: [b]}}]}, {}]}").AuthorizationPolicies)
            .Rules.Select(rule => rule.Index));

    [Theory]
    [InlineData("")]
    [InlineData("\n# only this\n")]
    [InlineData("---\n---\n# a\n...\n---\n")]
    public void A_file_without_content_has_nothing_in_it(string text) => Assert.Equal("none", Good(text).ToString());

    [Fact]
    public void A_deny_policy_without_rules_is_said_to_do_nothing() => Assert.Equal(
        "r.yaml:4:7: spec.rules: is missing, so the policy never matches; write rules, or [{}] for every connection",
        Assert.Single(Good(Policy + "spec: {action: DENY}").Warnings).ToString());

    [Fact]
    public void A_carriage_return_a_byte_order_mark_and_a_directive_are_no_trouble()
    {
        var set = Good("\uFEFF%YAML 1.1\r\n---\r\n" + Policy.Replace("\n", "\r\n", StringComparison.Ordinal) + "---\r\n" + Policy.Replace("{name: p}", "{name: q}", StringComparison.Ordinal));

        Assert.Equal([3, 7], set.AuthorizationPolicies.Select(policy => policy.Origin.Line));
    }

    private static ResourceSet Good(string text)
    {
        var set = ResourceDirectory.Of(text);
        Assert.Empty(set.Errors);
        return set;
    }
}
