using System.Text.Json;

namespace L4Proxy.Tests.Commands;

public sealed class PolicyTestCommandTests : IDisposable
{
    private readonly PolicyFiles _files = new();

    [Fact]
    public async Task Cases_that_hold_say_what_decided_and_where_it_is_written()
    {
        var fixture = _files.Write("web.test.yaml", """
            resources: policies
            workload: {namespace: demo, labels: {app: web}}
            cases:
            - {name: shop may call, from: spiffe://cluster.local/ns/demo/sa/shop, to: "10.0.0.9:80", expect: allow, rule: demo/web#0}
            - {name: shop may not call 81, from: spiffe://cluster.local/ns/demo/sa/shop, to: "10.0.0.9:81", expect: deny, rule: ""}
            - {name: ops from its network, from: spiffe://cluster.local/ns/ops/sa/admin, source: 10.1.2.3, to: "10.0.0.9:22", expect: allow}
            - {name: ops from elsewhere, from: spiffe://cluster.local/ns/ops/sa/admin, source: 10.2.2.3, to: "10.0.0.9:22", expect: deny}
            - {name: nobody in clear, to: "10.0.0.9:80", expect: deny}
            - {name: the world, call: "93.184.215.14:443", sni: example.com, expect: PassthroughCluster}
            """);

        Assert.Equal((0, """
            ok      shop may call: allow, rule demo/web#0 [AuthorizationPolicy demo/web, policy.yaml:14]
            ok      shop may not call 81: deny (policyDenied)
            ok      ops from its network: allow, rule demo/web#1 [AuthorizationPolicy demo/web, policy.yaml:18]
            ok      ops from elsewhere: deny (policyDenied)
            ok      nobody in clear: deny (plaintextRefused) [PeerAuthentication istio-system/default, policy.yaml:1]
            ok      the world: allow, route PassthroughCluster
            6 passed, 0 failed

            """, ""), await Verb.RunAsync("policy", "test", fixture));
    }

    [Fact]
    public async Task A_case_that_fails_says_why_and_the_verb_fails()
    {
        var fixture = _files.Write("web.test.yaml", """
            resources: policies
            workload: {namespace: demo, labels: {app: web}}
            cases:
            - {name: by another rule, from: spiffe://cluster.local/ns/demo/sa/shop, to: "10.0.0.9:80", expect: allow, rule: demo/web#1}
            - {name: nobody in clear, to: "10.0.0.9:80", expect: allow}
            """);

        var (code, output, _) = await Verb.RunAsync("policy", "test", fixture);

        Assert.Equal(1, code);
        Assert.StartsWith(
            $"FAILED  by another rule ({fixture}:4): expected allow by rule demo/web#1, is allow, rule demo/web#0 [AuthorizationPolicy demo/web, policy.yaml:14]\n        inbound to 10.0.0.9:80 from",
            output, StringComparison.Ordinal);
        Assert.EndsWith("""
            FAILED  nobody in clear (FILE:5): expected allow, is deny (plaintextRefused) [PeerAuthentication istio-system/default, policy.yaml:1]
                    inbound to 10.0.0.9:80 from a caller in clear
                     1. mTLS of port 80 is STRICT [PeerAuthentication istio-system/default, policy.yaml:1]
                     2. the caller is in clear: refused
                    verdict: deny (plaintextRefused) [PeerAuthentication istio-system/default, policy.yaml:1]
            0 passed, 2 failed

            """, output.Replace(fixture, "FILE", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_fixtures_are_counted_together_for_programs_too()
    {
        var one = _files.Write("one.yaml", "resources: policies\ncases:\n- {name: all, to: \"10.0.0.9:80\", from: spiffe://cluster.local/ns/x/sa/y, expect: allow}\n");
        var two = _files.Write("two.yaml", "resources: policies/policy.yaml\nmtls: DISABLE\ncases:\n- {name: STRICT stands in the mesh, to: \"10.0.0.9:80\", expect: allow}\n");

        var (code, output, _) = await Verb.RunAsync("policy", "test", one, two, "--json");

        var report = JsonElement.Parse(output);
        Assert.Equal((1, 1, 1), (code, report.GetProperty("passed").GetInt32(), report.GetProperty("failed").GetInt32()));
        Assert.Equal((two, 4), (report.GetProperty("cases")[1].GetProperty("file").GetString(), report.GetProperty("cases")[1].GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Everything_wrong_with_a_fixture_is_said_at_its_line_and_no_case_counts()
    {
        var fixture = _files.Write("bad.yaml", """
            resource: policies
            workload: {namespce: demo}
            mtls: STRICKT
            cases:
            - {name: a, to: "10.0.0.9:80", expct: allow}
            - {name: b, call: "10.0.0.9:80", from: spiffe://a/b, expect: web}
            - {name: c, expect: allow}
            - {name: d, to: "10.0.0.9", from: shop, expect: maybe, rule: web}
            """);

        var (code, output, error) = await Verb.RunAsync("policy", "test", fixture);

        Assert.Equal((1, "0 passed, 0 failed\n"), (code, output));
        Assert.Equal("""
            FILE:1:1: resources: is missing; add it, such as resources: "policies"
            FILE:1:1: resource: unknown key; did you mean 'resources'?
            FILE:2:12: workload.namespce: unknown key; did you mean 'namespace'?
            FILE:3:7: mtls: 'STRICKT' is not accepted; did you mean 'STRICT'?
            FILE:5:3: cases[0].expect: is missing; add it, such as expect: "allow"
            FILE:5:32: cases[0].expct: unknown key; did you mean 'expect'?
            FILE:6:40: cases[1].from: belongs to inbound cases; remove it, or write to instead of call
            FILE:7:3: cases[2]: has neither to (inbound) nor call (outbound); add one, such as to: "10.0.0.1:80"
            FILE:8:17: cases[3].to: '10.0.0.9' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000
            FILE:8:35: cases[3].from: 'shop' is not a SPIFFE ID: it does not begin with spiffe://; write one such as spiffe://cluster.local/ns/demo/sa/web
            FILE:8:49: cases[3].expect: 'maybe' is not a verdict; write allow or deny
            FILE:8:62: cases[3].rule: 'web' is not a rule; write its namespace, its policy's name and its number, such as demo/deny-web#0, or "" for none

            """, error.Replace(fixture, "FILE", StringComparison.Ordinal));
    }

    public void Dispose() => _files.Dispose();
}
