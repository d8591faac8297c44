using System.Globalization;
using System.Text.Json;
using L4Proxy.Configuration;
using L4Proxy.Core.Policy;
using L4Proxy.Tests.Admin;

namespace L4Proxy.Tests.Commands;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly PolicyFiles _files = new();

    [Fact]
    public async Task It_prints_every_question_with_its_answer_and_the_line_that_answers()
    {
        var (code, output, error) = await Verb.RunAsync(
            "explain", "--inbound", "--to", "10.0.0.9:81", "--from", "spiffe://cluster.local/ns/demo/sa/shop", "--from", "10.0.0.7", "--config", Config());

        Assert.Equal((0, ""), (code, error));
        Assert.Equal("""
            inbound to 10.0.0.9:81 from spiffe://cluster.local/ns/demo/sa/shop at 10.0.0.7
             1. mTLS of port 81 is STRICT [PeerAuthentication istio-system/default, policy.yaml:1]
             2. mesh TLS is terminated: the caller is spiffe://cluster.local/ns/demo/sa/shop, if its certificate is believed
             3. DENY: no policy reaches the workload
             4. ALLOW: 1 policy reaches the workload
                demo/web, for this workload: no rule matches [AuthorizationPolicy demo/web, policy.yaml:7]
                  demo/web#0 does not match [AuthorizationPolicy demo/web, policy.yaml:14]
                    ports: 81 is not among [80] [AuthorizationPolicy demo/web, policy.yaml:17]
                  demo/web#1 does not match [AuthorizationPolicy demo/web, policy.yaml:18]
                    namespaces: demo matches none of [ops] [AuthorizationPolicy demo/web, policy.yaml:19]
             5. AUDIT: no policy reaches the workload
             6. denied: there are ALLOW policies and none matches
            verdict: deny (policyDenied)

            """, output);
    }

    [Fact]
    public async Task The_running_proxy_is_asked_the_same_way()
    {
        await using var admin = await AdminHost.StartAsync(
            Policies.One(PolicyAction.Deny, "cluster.local/ns/demo/sa/*"), new ProxyOptions { Mesh = new MeshOptions { Mtls = MtlsMode.Permissive }, Identity = new IdentityOptions { Source = IdentitySource.Files } });

        var (code, output, error) = await Verb.RunAsync(
            "explain", "--inbound", "--to", "[2001:db8::9]:80", "--from", "spiffe://cluster.local/ns/demo/sa/shop", "--admin-port", Port(admin), "--json");

        var reply = JsonElement.Parse(output);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(("deny", "demo/shop#0", 8), (
            reply.GetProperty("verdict").GetString(), reply.GetProperty("rule").GetString(), reply.GetProperty("by").GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task What_no_service_covers_goes_where_configuration_says()
    {
        var (code, output, _) = await Verb.RunAsync("explain", "--to", "93.184.215.14:443", "--sni", "example.com", "--config", Config("outboundTrafficPolicy: REGISTRY_ONLY"));

        Assert.Equal(0, code);
        Assert.EndsWith("verdict: deny (egressBlocked), route BlackHoleCluster\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_told_with_its_endpoints_and_what_is_dialled()
    {
        _files.Write("policies/db.yaml", """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: db, namespace: demo}
            spec:
              hosts: [db.demo.svc.cluster.local]
              addresses: [10.96.0.20]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 5432, name: tcp, protocol: TCP}]
              endpoints: [{address: 10.0.1.1, serviceAccount: db}]
            """);

        var (code, output, error) = await Verb.RunAsync("explain", "--to", "10.96.0.20:5432", "--config", Config());

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("outbound to 10.96.0.20:5432\n 1. 10.96.0.20:5432 is db.demo.svc.cluster.local:5432", output, StringComparison.Ordinal);
        Assert.Contains("dialled is 10.0.1.1:5432, with mesh TLS to spiffe://cluster.local/ns/demo/sa/db", output, StringComparison.Ordinal);
        Assert.EndsWith("verdict: allow, route db.demo.svc.cluster.local:5432 [ServiceEntry demo/db, db.yaml:1]\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_endpoints_is_told_as_the_log_tells_it()
    {
        _files.Write("policies/db.yaml", """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: db, namespace: demo}
            spec:
              hosts: [db.demo.svc.cluster.local]
              addresses: [10.96.0.20]
              resolution: STATIC
              ports: [{number: 5432, name: tcp, protocol: TCP}]
              workloadSelector: {labels: {app: db}}
            """);

        var (_, output, _) = await Verb.RunAsync("explain", "--to", "10.96.0.20:5432", "--config", Config());

        Assert.EndsWith("verdict: deny (noEndpoints), route db.demo.svc.cluster.local:5432 [ServiceEntry demo/db, db.yaml:1]\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_resources_are_said_and_answer_nothing()
    {
        _files.Write("policies/bad.yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: bad}\nspec: {actoin: DENY}\n");

        var (code, output, error) = await Verb.RunAsync("explain", "--inbound", "--to", "10.0.0.9:80", "--config", Config());

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("bad.yaml:4:8: spec.actoin: unknown key; did you mean 'action'?\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("80", "'80' has no port; write an address and a port, such as 127.0.0.1:9000 or [::1]:9000")]
    [InlineData("web:80", "'web' is not an IP address; names are not looked up here, write an address such as 127.0.0.1:9000 or [::1]:9000")]
    public async Task What_is_no_destination_is_wrong_usage(string to, string wrong) =>
        Assert.Equal((2, "", $"l4proxy explain: {wrong}\n"), await Verb.RunAsync("explain", "--to", to));

    [Fact]
    public async Task It_says_when_no_proxy_answers()
    {
        var (code, _, error) = await Verb.RunAsync("explain", "--to", "10.0.0.1:80", "--admin-port", "1");

        Assert.Equal((1, "l4proxy explain: 127.0.0.1:1: Connection refused; is the proxy running beside this, and is 1 its admin port (--admin-port)?\n"), (code, error));
    }

    [Fact]
    public async Task The_error_of_the_endpoint_is_passed_on()
    {
        await using var host = await Telemetry.OperatorHost.StartAsync(context => L4Proxy.Telemetry.HttpReply.NotFoundAsync(context));

        var (code, _, error) = await Verb.RunAsync("explain", "--to", "10.0.0.1:80", "--admin-port", host.Address.Port.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(1, code);
        Assert.Equal($"l4proxy explain: what answers at 127.0.0.1:{host.Address.Port} is not the admin endpoint of a proxy of this version\n", error);
    }

    public void Dispose() => _files.Dispose();

    private static string Port(AdminHost admin) => admin.Port.ToString(CultureInfo.InvariantCulture);

    private string Config(string mesh = "mtls: PERMISSIVE") => _files.Write("l4proxy.yaml", $$"""
        workload: {namespace: demo, labels: {app: web} }
        capture: {outbound: 15001, inbound: 15006}
        identity: {source: files, certificate: /certs/cert-chain.pem, privateKey: /certs/key.pem, trustBundle: /certs/root-cert.pem}
        mesh: {resources: "{{_files.Resources}}", {{mesh}} }
        """);
}
