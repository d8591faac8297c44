using System.Globalization;
using System.Text;

namespace L4Proxy.Tests.Resources;

/// <summary>One error each, word for word and at its place: the text is the user interface. The file is <c>r.yaml</c>.</summary>
public sealed class BadResourceTests
{
    /// <summary>Line 1 to 3 of what is below, so that <c>spec</c> is line 4.</summary>
    private const string Policy = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\n";

    private const string Peer = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p}\n";
    private const string Sidecar = "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: p}\n";

    [Theory]
    // What every resource has.
    [InlineData("apiVersion: v1\nkind: Deployment\nmetadata: {name: p}", "2:7: kind: 'Deployment' is not a kind that is read here; known here: AuthorizationPolicy,")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicies\nmetadata: {name: p}", "2:7: kind: 'AuthorizationPolicies' is not a kind that is read here; did you mean 'AuthorizationPolicy'?")]
    [InlineData("apiVersion: security.istio.io/v2\nkind: AuthorizationPolicy\nmetadata: {name: p}", "1:13: apiVersion: 'security.istio.io/v2' is not an apiVersion of AuthorizationPolicy; did you mean 'security.istio.io/v1'?")]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p}", "1:13: apiVersion: 'networking.istio.io/v1' is not an apiVersion of PeerAuthentication; known here: security.istio.io/v1, security.istio.io/v1beta1")]
    [InlineData("kind: AuthorizationPolicy\nmetadata: {name: p}", "1:1: apiVersion: is missing; add it, such as apiVersion: \"security.istio.io/v1\"")]
    [InlineData("apiVersion: security.istio.io/v1\nmetadata: {name: p}", "1:1: kind: is missing; add it, such as kind: \"AuthorizationPolicy\"")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {namespace: demo}", "3:11: metadata.name: is missing; add it, such as name: \"web\"")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy", "1:1: metadata: is missing; add it, such as metadata: {name: \"web\"}")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: Web_1}", "3:18: metadata.name: 'Web_1' is not a Kubernetes name; use lower-case letters")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: \"demo/web\"}", "3:32: metadata.namespace: 'demo/web' is not a Kubernetes name;")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namspace: demo}", "3:21: metadata.namspace: unknown key; did you mean 'namespace'?")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, labels: {app: \"a b\"}}", "3:35: metadata.labels.app: 'a b' is not a Kubernetes label value;")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: p", "3:11: metadata: is not a mapping; write keys and values below it, or remove it")]
    [InlineData(Policy + "specs: {}", "4:1: specs: unknown key; did you mean 'spec'?")]
    [InlineData(Policy + "spec: [{}]", "4:7: spec: is not a mapping; write keys and values below it, or remove it")]
    [InlineData(Policy + "spec: {}\nspec: {}", "5:1: spec: written twice, first at r.yaml:4:1; keep one of them")]
    [InlineData("- a\n- b", "1:1: the document is not a mapping; write keys such as 'kind: AuthorizationPolicy'")]
    [InlineData("apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  apiVersion: v1\n  metadata: {name: p}", "4:9: items[0].kind: 'Pod' is not a kind that is read here;")]
    // YAML that is none, or none that we take.
    [InlineData(Policy + "spec: {rules: &all [{}]}", "4:15: spec.rules: YAML anchors are not supported; write the value out where it is needed")]
    [InlineData(Policy + "spec: {rules: *all}", "4:15: spec.rules: YAML aliases are not supported; write the value out")]
    [InlineData(Policy + "spec: {action: !!str ALLOW}", "4:16: spec.action: YAML tags are not supported; remove it")]
    [InlineData(Policy + "spec:\n\taction: DENY", "5:1: not valid YAML: a tab indents this line; indent with spaces")]
    [InlineData(Policy + "spec: {rules: [{}}", "4:18: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'; correct the syntax here or just above")]
    [InlineData(Policy + "spec: {action: \"DENY}", "4:16: not valid YAML: while scanning a quoted scalar, found unexpected end of stream; correct the syntax here or just above")]
    [InlineData("# one\n---\n# two\n---\n" + Policy + "spec: {rule: []}", "8:8: spec.rule: unknown key; did you mean 'rules'?")]
    // AuthorizationPolicy
    [InlineData(Policy + "spec: {action: CUSTOM}", "4:16: spec.action: CUSTOM asks a server that answers requests, and there is none here; write ALLOW, DENY or AUDIT")]
    [InlineData(Policy + "spec: {action: deny}", "4:16: spec.action: 'deny' is not accepted; did you mean 'DENY'?")]
    [InlineData(Policy + "spec: {provider: {name: x}}", "4:18: spec.provider: belongs to the action CUSTOM, which asks a server of its own; remove it")]
    [InlineData(Policy + "spec: {targetRefs: [{kind: Gateway}]}", "4:20: spec.targetRefs: attaches the policy to a gateway, and this is a workload's proxy;")]
    [InlineData(Policy + "spec: {targetRef: {kind: Gateway}}", "4:19: spec.targetRef: attaches the policy to a gateway, and this is a workload's proxy;")]
    [InlineData(Policy + "spec: {selector: {app: web}}", "4:19: spec.selector.app: unknown key; known here: matchLabels")]
    [InlineData(Policy + "spec: {selector: {matchLabels: [app]}}", "4:32: spec.selector.matchLabels: is not a mapping;")]
    [InlineData(Policy + "spec: {rules: {from: []}}", "4:15: spec.rules: is not a list; write [one, two] or lines that begin with '-'")]
    [InlineData(Policy + "spec: {rules: [{from: []}]}", "4:23: spec.rules[0].from: is empty; remove it where every connection is meant")]
    [InlineData(Policy + "spec: {rules: [{form: []}]}", "4:17: spec.rules[0].form: unknown key; known here: from, to, when")]
    [InlineData(Policy + "spec: {rules: [{from: [{}]}]}", "4:24: spec.rules[0].from[0].source: is missing; add it, or remove from to mean anybody and anything")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {}}]}]}", "4:33: spec.rules[0].from[0].source: is empty; name at least one condition, or remove 'from' where every caller is meant")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {principal: [a]}}]}]}", "4:34: spec.rules[0].from[0].source.principal: unknown key; did you mean 'principals'?")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {principals: []}}]}]}", "4:46: spec.rules[0].from[0].source.principals: is empty; name at least one, or remove the key")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {principals: [\"\"]}}]}]}", "4:47: spec.rules[0].from[0].source.principals[0]: is an empty text, which matches nothing;")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {principals: [spiffe://td/ns/a/sa/b]}}]}]}", "4:47: spec.rules[0].from[0].source.principals[0]: 'spiffe://td/ns/a/sa/b' begins with spiffe://; principals are written without it: td/ns/a/sa/b")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {trustDomains: [spiffe://td]}}]}]}", "4:49: spec.rules[0].from[0].source.trustDomains[0]: 'spiffe://td' begins with spiffe://; trust domains are written without it: td")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {namespaces: demo}}]}]}", "4:46: spec.rules[0].from[0].source.namespaces: is not a list;")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {serviceAccounts: [\"demo/*\"]}}]}]}", "4:52: spec.rules[0].from[0].source.serviceAccounts[0]: 'demo/*' has a star, and service accounts are compared as they are;")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {serviceAccounts: [a/b/c]}}]}]}", "4:52: spec.rules[0].from[0].source.serviceAccounts[0]: 'a/b/c' is not a service account; write name or namespace/name, such as demo/web")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {serviceAccounts: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]}}]}]}", "4:51: spec.rules[0].from[0].source.serviceAccounts: has 17 service accounts; Istio allows 16,")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]}", "4:33: spec.rules[0].from[0].source: has service accounts beside principals or namespaces, which Istio refuses; keep one of them")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {ipBlocks: [10.0.0.0/33]}}]}]}", "4:45: spec.rules[0].from[0].source.ipBlocks[0]: '10.0.0.0/33' has no valid prefix length; write a number from 0 to 32 behind the slash")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {ipBlocks: [10.0.0]}}]}]}", "4:45: spec.rules[0].from[0].source.ipBlocks[0]: '10.0.0' is not an IP address; write one such as 10.0.0.1 or 2001:db8::1")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {remoteIpBlocks: [\"::ffff:10.0.0.1\"]}}]}]}", "4:51: spec.rules[0].from[0].source.remoteIpBlocks[0]: '::ffff:10.0.0.1' is not an IP address;")]
    [InlineData(Policy + "spec: {rules: [{from: [{source: {notIpBlocks: [web.demo]}}]}]}", "4:48: spec.rules[0].from[0].source.notIpBlocks[0]: 'web.demo' is not an IP address;")]
    [InlineData(Policy + "spec: {rules: [{to: [{operation: {}}]}]}", "4:34: spec.rules[0].to[0].operation: is empty; name ports, or remove 'to' where every port is meant")]
    [InlineData(Policy + "spec: {rules: [{to: [{operation: {ports: [70000]}}]}]}", "4:43: spec.rules[0].to[0].operation.ports[0]: '70000' is not a port; write a number from 1 to 65535")]
    [InlineData(Policy + "spec: {rules: [{to: [{operation: {ports: [http]}}]}]}", "4:43: spec.rules[0].to[0].operation.ports[0]: 'http' is not a port; write a number from 1 to 65535")]
    [InlineData(Policy + "spec: {rules: [{to: [{operation: {ports: 80}}]}]}", "4:42: spec.rules[0].to[0].operation.ports: is not a list;")]
    [InlineData(Policy + "spec: {rules: [{when: []}]}", "4:23: spec.rules[0].when: is empty; remove it where every connection is meant")]
    [InlineData(Policy + "spec: {rules: [{when: [{key: source.user, values: [a]}]}]}", "4:30: spec.rules[0].when[0].key: 'source.user' is not a fact that is known here; known here: connection.sni, destination.ip,")]
    [InlineData(Policy + "spec: {rules: [{when: [{key: source.namespaces, values: [a]}]}]}", "4:30: spec.rules[0].when[0].key: 'source.namespaces' is not a fact that is known here; did you mean 'source.namespace'?")]
    [InlineData(Policy + "spec: {rules: [{when: [{key: source.ip}]}]}", "4:24: spec.rules[0].when[0]: has neither values nor notValues; add one of them")]
    [InlineData(Policy + "spec: {rules: [{when: [{values: [a]}]}]}", "4:24: spec.rules[0].when[0].key: is missing; add it, such as key: \"source.namespace\"")]
    [InlineData(Policy + "spec: {rules: [{when: [{key: source.ip, values: []}]}]}", "4:49: spec.rules[0].when[0].values: is empty; name at least one, or remove the key")]
    [InlineData(Policy + "spec: {rules: [{when: [{key: destination.port, values: [0]}]}]}", "4:57: spec.rules[0].when[0].values[0]: '0' is not a port;")]
    [InlineData(Policy + "spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}", "4:30: spec.rules[0]: asks only for paths, which only HTTP has: without it the rule would deny everything,")]
    [InlineData(Policy + "spec: {action: DENY, rules: [{from: [{source: {requestPrincipals: [\"*\"]}}]}]}", "4:30: spec.rules[0]: asks only for requestPrincipals, which only HTTP has:")]
    [InlineData(Policy + "spec: {action: DENY, rules: [{}, {when: [{key: \"request.headers[x]\", values: [a]}]}]}", "4:34: spec.rules[1]: asks only for request.headers[x], which only HTTP has:")]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, annotations: {istio.io/dry-run: \"yes\"}}\nspec: {}", "4:7: spec: the annotation istio.io/dry-run is 'yes'; write \"true\" or \"false\"")]
    // PeerAuthentication
    [InlineData(Peer + "spec: {mtls: {mode: strict}}", "4:21: spec.mtls.mode: 'strict' is not accepted; did you mean 'STRICT'?")]
    [InlineData(Peer + "spec: {mtls: STRICT}", "4:14: spec.mtls: is not a mapping; write keys and values below it, or remove it")]
    [InlineData(Peer + "spec: {portLevelMtls: {80: {mode: DISABLE}}}", "4:23: spec.portLevelMtls: needs a selector, for ports are those of some workload; add selector.matchLabels, or remove it")]
    [InlineData(Peer + "spec: {selector: {matchLabels: {app: web}}, portLevelMtls: {http: {mode: DISABLE}}}", "4:61: spec.portLevelMtls.http: 'http' is not a port; write a number from 1 to 65535")]
    [InlineData(Peer + "spec: {selector: {matchLabels: {app: web}}, portLevelMtls: {80: DISABLE}}", "4:65: spec.portLevelMtls.80: is not a mapping;")]
    [InlineData(Peer + "spec: {mtlsMode: STRICT}", "4:8: spec.mtlsMode: unknown key; known here: mtls, portLevelMtls, selector")]
    // Sidecar
    [InlineData(Sidecar + "spec: {egress: [{hosts: [\"*/*\"]}]}", "4:16: spec.egress: which services a workload sees is not restricted here, every service is visible; remove it")]
    [InlineData(Sidecar + "spec: {ingress: [{port: {number: 80}}]}", "4:17: spec.ingress: ports of the workload are captured and dialled as they are; remove it")]
    [InlineData(Sidecar + "spec: {outboundTrafficPolicy: {mode: REGISTRY}}", "4:38: spec.outboundTrafficPolicy.mode: 'REGISTRY' is not accepted; known here: ALLOW_ANY, REGISTRY_ONLY")]
    [InlineData(Sidecar + "spec: {outboundTrafficPolicy: {egressProxy: {host: a}}}", "4:45: spec.outboundTrafficPolicy.egressProxy: traffic to unknown destinations goes where it was going or nowhere; remove it")]
    [InlineData(Sidecar + "spec: {selector: {matchLabels: {app: web}}}", "4:8: spec.selector: unknown key; known here:")]
    public void Each_says_where_and_what(string text, string expected)
    {
        var error = Assert.Single(ResourceDirectory.Of(text).Errors.Select(wrong => wrong.ToString()));

        Assert.StartsWith("r.yaml:" + expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_all_files_are_said_at_once_in_their_order()
    {
        using var directory = new ResourceDirectory();
        directory.Write("b.yaml", Policy + "spec: {action: DENI, rules: [{from: [{source: {ipBlocks: [x]}}]}]}\n---\n" + Peer + "spec: {mtls: {mode: ON}}");
        directory.Write("a/z.yml", Sidecar + "spec: {egres: []}");

        Assert.Collection(
            directory.Errors(),
            error => Assert.StartsWith("a/z.yml:4:8: spec.egres: unknown key", error, StringComparison.Ordinal),
            error => Assert.StartsWith("b.yaml:4:16: spec.action: ", error, StringComparison.Ordinal),
            error => Assert.StartsWith("b.yaml:4:59: spec.rules[0].from[0].source.ipBlocks[0]: ", error, StringComparison.Ordinal),
            error => Assert.StartsWith("b.yaml:9:21: spec.mtls.mode: ", error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_is_taken_is_said_with_both_places()
    {
        using var directory = new ResourceDirectory();
        directory.Write("a.yaml", "\n\n" + Policy);
        directory.Write("b.yaml", "---\n" + Policy.Replace("{name: p}", "{name: p, namespace: demo}", StringComparison.Ordinal));

        Assert.Equal(["b.yaml:2:1: metadata.name: AuthorizationPolicy demo/p is already at a.yaml:3; rename or remove one of them"], directory.Errors());
    }

    [Theory]
    [InlineData("", "the namespace demo")]
    [InlineData("istio-system", "the whole mesh")]
    public void Two_peer_authentications_of_one_reach_are_said_with_both_places(string ns, string reach)
    {
        using var directory = new ResourceDirectory();
        var metadata = ns.Length == 0 ? "" : $", namespace: {ns}";
        directory.Write("a.yaml", Peer.Replace("{name: p}", $"{{name: first{metadata}}}", StringComparison.Ordinal));
        directory.Write("b.yaml", Peer.Replace("{name: p}", $"{{name: second{metadata}}}", StringComparison.Ordinal));

        Assert.StartsWith($"b.yaml:1:1: reaches {reach} as does PeerAuthentication ", Assert.Single(directory.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_peer_authentications_that_select_this_workload_are_said_and_those_that_do_not_are_not()
    {
        using var directory = new ResourceDirectory();
        directory.Write("a.yaml", string.Join("\n---\n", new[] { ("a", "app: web"), ("b", "app: web"), ("c", "app: db"), ("d", "app: db") }
            .Select(each => Peer.Replace("{name: p}", $"{{name: {each.Item1}}}", StringComparison.Ordinal) + $"spec: {{selector: {{matchLabels: {{{each.Item2}}}}}}}")));

        Assert.Equal(
            ["a.yaml:6:1: reaches this workload by its labels as does PeerAuthentication demo/a (a.yaml:1), and neither is the older in files; keep one of them"],
            directory.Errors());
    }

    [Fact]
    public void Bytes_that_are_not_text_are_said_with_their_place()
    {
        using var directory = new ResourceDirectory();
        directory.Write("latin.yaml", [.. "# a\n# "u8, 0xE9, .. " x\n"u8]);
        directory.Write("nul.yaml", "# a\n# b\0c\n"u8.ToArray());

        Assert.Equal(
            [
                "latin.yaml:2:3: byte 0xE9 is not UTF-8; save the file as UTF-8",
                "nul.yaml:2:4: a NUL byte is not text; is this another kind of file? Remove it, or save it as UTF-8",
            ],
            directory.Errors());
    }

    [Fact]
    public void A_file_of_ten_megabytes_is_refused_unread()
    {
        using var directory = new ResourceDirectory();
        directory.Write("big.yaml", new byte[10 * 1024 * 1024]);

        Assert.Equal(["big.yaml: is larger than 8 MiB; split it into several files"], directory.Errors());
    }

    [Fact]
    public void What_is_nested_too_deep_ends_in_an_error_and_not_in_the_stack()
    {
        var error = Assert.Single(ResourceDirectory.Of(Policy + "spec: " + new string('[', 100_000)).Errors).ToString();

        Assert.StartsWith("r.yaml:4:", error, StringComparison.Ordinal);
        Assert.Contains("nested deeper than 16 levels", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_unfolds_into_errors_only()
    {
        var text = new StringBuilder(Policy + "spec:\n  a: &a [x, x]\n");
        for (var letter = 'b'; letter <= 'z'; letter++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {letter}: &{letter} [*{(char)(letter - 1)}, *{(char)(letter - 1)}]\n");
        }

        Assert.All(ResourceDirectory.Of(text.ToString()).Errors, error =>
            Assert.Matches("^(YAML anchors are not supported|YAML aliases are not supported|unknown key)", error.Message));
    }

    [Fact]
    public void A_mapping_of_a_hundred_thousand_keys_is_judged_in_time()
    {
        var text = new StringBuilder(Policy + "spec:\n");
        for (var i = 0; i < 100_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  k{i}: 1\n");
        }

        Assert.Equal(100_000, ResourceDirectory.Of(text.ToString()).Errors.Length);
    }

    [Fact]
    public void Links_that_lead_nowhere_and_things_that_are_no_files_are_said()
    {
        using var directory = new ResourceDirectory();
        File.CreateSymbolicLink(directory.File("gone.yaml"), "/nowhere/at-all.yaml");
        File.CreateSymbolicLink(directory.File("null.yaml"), "/dev/null");
        File.CreateSymbolicLink(directory.File("loop"), directory.Path);

        Assert.Collection(
            directory.Errors().Where(error => !error.StartsWith("loop/", StringComparison.Ordinal) || !error.Contains(".yaml:", StringComparison.Ordinal)),
            error => Assert.Equal("gone.yaml: does not exist; name an existing file, or remove the link that leads there", error),
            error => Assert.StartsWith("loop/loop/", error, StringComparison.Ordinal),
            error => Assert.Equal("null.yaml: is not a regular file; remove it", error));
    }

    [Fact]
    public void A_directory_that_is_not_there_is_an_error()
    {
        using var directory = new ResourceDirectory();
        Directory.Delete(directory.Path);

        Assert.Equal([$"{directory.Path}: does not exist; make the directory (it may be empty), or name another in mesh.resources"], directory.Errors());
    }
}
