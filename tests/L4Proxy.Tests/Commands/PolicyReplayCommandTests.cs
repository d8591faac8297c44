using System.Text.Json;

namespace L4Proxy.Tests.Commands;

public sealed class PolicyReplayCommandTests : IDisposable
{
    private static readonly string[] _web = ["--workload-namespace", "demo", "--workload-label", "app=web"];

    private readonly PolicyFiles _files = new();

    [Fact]
    public async Task Who_was_let_in_and_would_be_denied_is_grouped_by_peer_and_port()
    {
        var log = _files.Write("access.log", string.Join('\n',
            Line("09:00:00", "10.0.0.7:4000", 80, "cluster.local/ns/demo/sa/shop"),
            Line("09:00:01", "10.0.0.7:4001", 81, "cluster.local/ns/demo/sa/shop"),
            Line("09:00:03", "10.0.0.7:4003", 81, "cluster.local/ns/demo/sa/shop"),
            Line("09:00:02", "10.0.0.8:4002", 81, "cluster.local/ns/demo/sa/shop"),
            Line("09:00:04", "10.0.0.9:4004", 80, peer: null),
            Line("09:00:05", "10.0.0.7:4005", 80, "cluster.local/ns/demo/sa/shop", """ "verdict":"deny","reason":"policyDenied" """, isDialled: false),
            Line("09:00:06", "10.0.0.7:4006", 80, peer: null, """ "reason":"tlsUnknownCa" """, isDialled: false),
            """{"time":"2026-11-20T09:00:07.000Z","id":"a-8","direction":"outbound","downstream":"10.0.0.9:1","reason":"completed"}""",
            """{"direction":"inbound","downstream":"10.0.0.7:4000","upstream":"10.0.0.9:80"}""",
            """{"direction":"inbound","downstream":"10.0.0.7:40""",
            "not json",
            new string('x', 100_000), ""));

        Assert.Equal((1, """
            spiffe://cluster.local/ns/demo/sa/shop -> port 81: 3 connection(s) from 2026-11-20T09:00:01Z to 2026-11-20T09:00:03Z: policyDenied, no ALLOW rule matches
            10.0.0.9 -> port 80: 1 connection(s) at 2026-11-20T09:00:04Z: plaintextRefused, mTLS is STRICT [PeerAuthentication istio-system/default, policy.yaml:1]
            12 line(s): 5 let in, of which 4 would be denied; 1 denied, of which 1 would be let in; not judged: 1 not inbound, 1 ended before policy was asked, 4 unreadable

            """, ""), await Verb.RunAsync(["policy", "replay", "--resources", _files.Resources, "--log", log, .. _web]));
    }

    [Fact]
    public async Task A_deny_rule_is_named_with_its_line_for_programs_too()
    {
        _files.Write("policies/deny.yaml", """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: no-shop, namespace: demo}
            spec:
              action: DENY
              rules:
              - from: [{source: {ipBlocks: [10.0.0.7]}}]
            """);
        var log = _files.Write("access.log", Line("09:00:00", "10.0.0.7:4000", 80, "cluster.local/ns/demo/sa/shop") + "\n");

        var (code, output, _) = await Verb.RunAsync(["policy", "replay", "--json", "--resources", _files.Resources, "--log", log, .. _web]);

        var denied = Assert.Single(JsonElement.Parse(output).GetProperty("denied").EnumerateArray());
        Assert.Equal(1, code);
        Assert.Equal(("demo/no-shop#0", "deny.yaml", 7), (denied.GetProperty("rule").GetString(),
            denied.GetProperty("by").GetProperty("file").GetString(), denied.GetProperty("by").GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task It_succeeds_when_whoever_was_let_in_still_would_be()
    {
        var log = _files.Write("access.log", Line("09:00:00", "10.0.0.7:4000", 80, "cluster.local/ns/demo/sa/shop"));

        var (code, output, error) = await Verb.RunAsync(["policy", "replay", "--resources", _files.Resources, "--log", log, .. _web]);

        Assert.Equal((0, "", "1 line(s): 1 let in, of which 0 would be denied; 0 denied, of which 0 would be let in; not judged: 0 not inbound, 0 ended before policy was asked, 0 unreadable\n"),
            (code, error, output));
    }

    [Fact]
    public async Task The_configuration_says_whose_log_it_is()
    {
        var log = _files.Write("access.log", Line("09:00:00", "10.0.0.7:4000", 81, "cluster.local/ns/demo/sa/shop"));
        var config = _files.Write("l4proxy.yaml", "workload: {namespace: demo, labels: {app: db}}\ncapture: {inbound: 15006}\n");

        // Nothing selects it, so that everybody may call.
        Assert.Equal(0, (await Verb.RunAsync("policy", "replay", "--resources", _files.Resources, "--log", log, "--config", config)).Code);
    }

    [Fact]
    public async Task Wrong_usage_says_everything_at_once()
    {
        var (code, output, error) = await Verb.RunAsync("policy", "replay", "--resources", _files.Resources, "--log", "x",
            "--workload-namespace", "Demo", "--workload-label", "app", "--mtls", "strict", "--trust-domain", "spiffe://x");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal("""
            --workload-namespace: 'Demo' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253
            --trust-domain: 'spiffe://x' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://
            --workload-label: 'app' is not a label; write KEY=VALUE, such as app=web
            --mtls: 'strict' is not a mode; write STRICT, PERMISSIVE or DISABLE

            """, error);
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_a_failure()
    {
        var (code, _, error) = await Verb.RunAsync("policy", "replay", "--resources", _files.Resources, "--log", _files.File("none.log"));

        Assert.Equal((1, $"l4proxy policy replay: Could not find file '{_files.File("none.log")}'.\n"), (code, error));
    }

    public void Dispose() => _files.Dispose();

    private static string Line(string time, string downstream, int port, string? peer, string more = """ "reason":"completed" """, bool isDialled = true) =>
        $$"""{"time":"2026-11-20T{{time}}.000Z","id":"a-1","direction":"inbound","downstream":"{{downstream}}","originalDestination":"10.0.0.9:{{port}}",{{(isDialled ? $"\"upstream\":\"10.0.0.9:{port}\"," : "")}}{{(peer is null ? "" : $"\"peerIdentity\":\"spiffe://{peer}\",")}}"bytesToUpstream":1,{{more}}}""";
}
