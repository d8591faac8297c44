using System.Net;
using System.Text.Json;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Tests.Admin;

public sealed class ExplainEndpointTests
{
    [Fact]
    public async Task A_denial_names_the_rule_and_its_line_as_the_access_log_does()
    {
        await using var admin = await AdminHost.StartAsync(Policies.One(PolicyAction.Deny, "cluster.local/ns/demo/sa/shop"), Permissive);

        var reply = Reply(await admin.GetAsync("/explain?direction=inbound&to=10.0.0.9:80&from=spiffe://cluster.local/ns/demo/sa/shop&from=10.0.0.7"));

        Assert.Equal("deny", reply.GetProperty("verdict").GetString());
        Assert.Equal("policyDenied", reply.GetProperty("reason").GetString());
        Assert.Equal("demo/shop#0", reply.GetProperty("rule").GetString());
        Assert.Equal(4, reply.GetProperty("generation").GetInt32());
        Assert.Equal("""{"kind":"AuthorizationPolicy","id":"demo/shop","file":"policies.yaml","line":8}""", reply.GetProperty("by").GetRawText());
        Assert.Equal("mTLS of port 80 is PERMISSIVE by mesh.mtls; no PeerAuthentication says otherwise", reply.GetProperty("steps")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Where_TLS_is_not_terminated_an_identity_does_not_help()
    {
        var model = Policies.One(PolicyAction.Allow, "cluster.local/ns/demo/sa/shop");
        await using var open = await AdminHost.StartAsync(model, Permissive);
        await using var closed = await AdminHost.StartAsync(model, new ProxyOptions());
        const string Question = "/explain?direction=inbound&to=10.0.0.9:80&from=spiffe://cluster.local/ns/demo/sa/shop";

        Assert.Equal("allow", Reply(await open.GetAsync(Question)).GetProperty("verdict").GetString());
        Assert.Equal("deny", Reply(await closed.GetAsync(Question)).GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task In_clear_a_STRICT_port_is_closed_whatever_policy_says()
    {
        await using var admin = await AdminHost.StartAsync(options: new ProxyOptions { Mesh = new MeshOptions { Mtls = MtlsMode.Strict } });

        var reply = Reply(await admin.GetAsync("/explain?direction=inbound&to=10.0.0.9:80&from=10.0.0.7"));

        Assert.Equal(("deny", "plaintextRefused"), (reply.GetProperty("verdict").GetString(), reply.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_dry_run_of_all_policy_denies_nobody_and_says_so()
    {
        await using var admin = await AdminHost.StartAsync(
            Policies.One(PolicyAction.Deny, "*"), Permissive with { Mesh = new MeshOptions { Mtls = MtlsMode.Permissive, PolicyDryRun = true } });

        var answer = await admin.GetAsync("/explain?direction=inbound&to=10.0.0.9:80&from=spiffe://cluster.local/ns/demo/sa/shop");

        Assert.Equal("allow", Reply(answer).GetProperty("verdict").GetString());
        Assert.Contains("mesh.policyDryRun: authorization is told and not enforced", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutboundTrafficPolicy.AllowAny, "allow", "PassthroughCluster", "outboundTrafficPolicy is ALLOW_ANY by mesh.outboundTrafficPolicy; no Sidecar says otherwise")]
    [InlineData(OutboundTrafficPolicy.RegistryOnly, "deny", "BlackHoleCluster", "outboundTrafficPolicy is REGISTRY_ONLY by mesh.outboundTrafficPolicy; no Sidecar says otherwise")]
    public async Task An_unknown_destination_is_outbound_policys_to_judge(OutboundTrafficPolicy policy, string verdict, string route, string step)
    {
        await using var admin = await AdminHost.StartAsync(options: new ProxyOptions { Mesh = new MeshOptions { OutboundTrafficPolicy = policy } });

        var reply = Reply(await admin.GetAsync("/explain?to=[2001:db8::1]:443&sni=example.com"));

        Assert.Equal((verdict, route), (reply.GetProperty("verdict").GetString(), reply.GetProperty("route").GetString()));
        Assert.Contains(reply.GetProperty("steps").EnumerateArray(), each => each.GetProperty("text").GetString() == step);
    }

    [Theory]
    [InlineData("/explain", "'to' is missing; add it")]
    [InlineData("/explain?to=web:80", "'web' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("/explain?to=10.0.0.1:80&to=10.0.0.2:80", "'to' is given more than once; give it once")]
    [InlineData("/explain?to=10.0.0.1:80&direction=up", "direction 'up' is not known; write outbound or inbound")]
    [InlineData("/explain?to=10.0.0.1:80&port=1", "'port' is not asked for here; give direction, to, from and sni")]
    [InlineData("/explain?to=10.0.0.1:80&from=spiffe://a/b", "'spiffe://a/b' does not matter outbound: the caller is this workload; leave it out, or ask about the other direction")]
    [InlineData("/explain?to=10.0.0.1:80&direction=inbound&from=shop", "'shop' is not an IP address; write one such as 10.0.0.1 or 2001:db8::1, or a SPIFFE ID")]
    public async Task A_question_that_makes_no_sense_is_refused_with_what_would_do(string path, string error)
    {
        await using var admin = await AdminHost.StartAsync();

        var answer = await admin.GetAsync(path);

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Code, JsonElement.Parse(answer.Text).GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Policy_lists_what_reaches_the_workload_and_where_it_is_written()
    {
        await using var admin = await AdminHost.StartAsync(Policies.One(PolicyAction.Deny, "*"));

        Assert.Equal(
            """{"version":1,"generation":4,"dryRun":false,"policies":[{"policy":{"kind":"AuthorizationPolicy","id":"demo/shop","file":"policies.yaml","line":3},"action":"DENY","dryRun":false,"rules":["demo/shop#0"]}],"outboundTrafficPolicy":"ALLOW_ANY"}""",
            (await admin.GetAsync("/policy")).Text);
    }

    [Theory]
    [InlineData(false, "cluster.local", "tlsNoIdentity")]
    [InlineData(true, "elsewhere.example", "tlsUnknownCa")]
    public async Task A_handshake_that_must_fail_is_told_before_policy_is_asked(bool hasIdentity, string domain, string reason)
    {
        await using var admin = await AdminHost.StartAsync(
            Policies.One(PolicyAction.Allow, "*"), Permissive with { Identity = new IdentityOptions { Source = hasIdentity ? IdentitySource.Files : IdentitySource.None, TrustBundle = "/certs/root-cert.pem" } });

        var reply = Reply(await admin.GetAsync($"/explain?direction=inbound&to=10.0.0.9:80&from=spiffe://{domain}/ns/demo/sa/shop"));

        Assert.Equal(("deny", reason, 2), (reply.GetProperty("verdict").GetString(), reply.GetProperty("reason").GetString(), reply.GetProperty("steps").GetArrayLength()));
    }

    private static ProxyOptions Permissive => new()
    {
        Mesh = new MeshOptions { Mtls = MtlsMode.Permissive },
        Identity = new IdentityOptions { Source = IdentitySource.Files },
    };

    private static JsonElement Reply(AdminHost.Answer answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Code);
        return JsonElement.Parse(answer.Text);
    }
}
