using System.Globalization;
using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.InboundMesh;
using static L4Proxy.Tests.Mesh.Manifest;

namespace L4Proxy.Tests.Mesh;

/// <summary>
/// Who may call is what authorization policies say, before a byte moves. For each connection the caller, the access log and
/// <c>l4proxy explain</c> agree, the rule's id included.
/// </summary>
public sealed class AuthorizationTests(InboundMesh mesh) : IClassFixture<InboundMesh>
{
    [Fact]
    public async Task Without_policies_everybody_may_call()
    {
        await mesh.Web.ApplyAsync("");
        await AssertAsync("demo/shop", "allow");
        await AssertAsync(Nobody, "allow");
    }

    [Fact]
    public async Task An_ALLOW_lets_in_whom_it_names_and_nobody_else()
    {
        await mesh.Web.ApplyAsync(Allow("demo/allow-shop", From("demo/shop")));
        await AssertAsync("demo/shop", "allow demo/allow-shop#0");
        await AssertAsync("demo/other", "deny");
        await AssertAsync(Nobody, "deny");
    }

    [Fact]
    public async Task An_ALLOW_without_rules_lets_nobody_in()
    {
        await mesh.Web.ApplyAsync(Of("AuthorizationPolicy", "demo/nothing", "{}"));
        await AssertAsync("demo/shop", "deny");
        await AssertAsync(Nobody, "deny");
    }

    [Fact]
    public async Task A_DENY_wins_over_an_ALLOW_that_matches_too()
    {
        await mesh.Web.ApplyAsync(
            Allow("demo/allow-demo", "[{from: [{source: {namespaces: [demo]}}]}]") + Deny("demo/deny-other", From("ops/batch", "demo/other")));
        await AssertAsync("demo/shop", "allow demo/allow-demo#0");
        await AssertAsync("demo/other", "deny demo/deny-other#0");
        await AssertAsync("ops/batch", "deny demo/deny-other#0");
        await AssertAsync("ops/admin", "deny");
    }

    [Fact]
    public async Task Policies_of_another_namespace_and_for_other_labels_do_not_reach_the_workload()
    {
        await mesh.Web.ApplyAsync(
            Deny("ops/deny-all", "[{}]") + Deny("demo/deny-db", "[{}]", "{matchLabels: {app: db}}")
            + Deny("istio-system/deny-db", "[{}]", "{matchLabels: {app: db}}"));
        await AssertAsync("demo/shop", "allow");
    }

    [Fact]
    public async Task Policies_of_the_namespace_for_the_labels_and_of_the_root_namespace_reach_the_workload()
    {
        await mesh.Web.ApplyAsync(
            Deny("demo/of-namespace", From("demo/other")) + Deny("demo/of-workload", From("ops/batch"), "{matchLabels: {app: web}}")
            + Deny("istio-system/of-mesh", From("ops/admin")));
        await AssertAsync("demo/other", "deny demo/of-namespace#0");
        await AssertAsync("ops/batch", "deny demo/of-workload#0");
        await AssertAsync("ops/admin", "deny istio-system/of-mesh#0");
        await AssertAsync("demo/shop", "allow");
    }

    [Fact]
    public async Task The_rule_that_decides_is_told_by_its_place_in_the_policy()
    {
        await mesh.Web.ApplyAsync(Allow("demo/two",
            "[{from: [{source: {serviceAccounts: [demo/other]}}]}, {from: [{source: {principals: [cluster.local/ns/demo/sa/shop]}}]}]"));
        await AssertAsync("demo/other", "allow demo/two#0");
        await AssertAsync("demo/shop", "allow demo/two#1");
    }

    [Fact]
    public async Task Addresses_of_callers_count_in_both_families()
    {
        await mesh.Web.ApplyAsync(Deny("demo/by-address", $"[{{from: [{{source: {{ipBlocks: [\"{MeshTopology.External(5)}/32\", \"{MeshTopology.OutsideV6}/128\"]}}}}]}}]"));
        await AssertAsync("demo/shop", "allow", from: MeshTopology.OutsideV4);
        await AssertAsync("demo/shop", "deny demo/by-address#0", from: MeshTopology.External(5));
        await AssertAsync(Nobody, "deny demo/by-address#0", from: MeshTopology.External(5));
        await AssertAsync("demo/shop", "deny demo/by-address#0", from: MeshTopology.OutsideV6, to: MeshTopology.V6(3));
    }

    [Fact]
    public async Task Ports_count_and_are_those_of_the_original_destination()
    {
        await mesh.Web.ApplyAsync(Allow("demo/by-port", "[{to: [{operation: {ports: [\"8081\"]}}]}]"));
        await AssertAsync("demo/shop", "deny");
        await AssertAsync("demo/shop", "allow demo/by-port#0", port: OtherPort);
        await AssertAsync(Nobody, "allow demo/by-port#0", port: OtherPort);
    }

    [Fact]
    public async Task A_caller_in_clear_is_nobody_so_every_notPrincipals_holds_for_it()
    {
        var notShop = $"[{{from: [{{source: {{notPrincipals: [\"{MeshAuthority.Principal("demo/shop")}\"]}}}}]}}]";
        await mesh.Web.ApplyAsync(Deny("demo/deny-others", notShop));
        await AssertAsync("demo/shop", "allow");
        await AssertAsync("demo/other", "deny demo/deny-others#0");
        await AssertAsync(Nobody, "deny demo/deny-others#0");

        await mesh.Web.ApplyAsync(Allow("demo/allow-others", notShop));
        await AssertAsync("demo/shop", "deny");
        await AssertAsync(Nobody, "allow demo/allow-others#0");
    }

    [Fact]
    public async Task Nothing_of_what_a_denied_caller_says_reaches_the_application()
    {
        await mesh.Web.ApplyAsync(Deny("demo/deny-all", "[{}]"));
        foreach (var who in new[] { "demo/shop", Nobody })
        {
            Assert.Equal("reset", await mesh.CallAsync(who));
            var line = (await mesh.Web.LineAsync()).Line;
            Assert.Equal((0, null), (line.GetProperty("bytesToUpstream").GetInt64(), EndingFacts.Text(line, "upstream")));
            Assert.Equal("proxy", EndingFacts.Text(line, "endedBy"));
        }
    }

    [Fact]
    public async Task Decisions_are_counted_by_verdict()
    {
        await mesh.Web.ApplyAsync(Allow("demo/allow-demo", "[{from: [{source: {namespaces: [demo]}}]}]") + Deny("demo/deny-other", From("demo/other")));
        var before = await CountsAsync();
        foreach (var who in new[] { "demo/shop", "demo/shop", "demo/other", "ops/batch" })
        {
            await mesh.CallAsync(who);
        }
        await mesh.Web.LinesAsync(4);
        Assert.Equal([2, 1, 1], (await CountsAsync()).Zip(before, (now, then) => now - then));
    }

    /// <param name="who">Calls; see <see cref="InboundMesh.CallAsync"/>.</param>
    /// <param name="verdict">What the log must say: the verdict, and the rule if one decided.</param>
    /// <param name="port">Of the pod.</param>
    /// <param name="from">The caller's address.</param>
    /// <param name="to">The pod's address.</param>
    private async Task AssertAsync(string who, string verdict, int port = Port, string from = MeshTopology.OutsideV4, string? to = null)
    {
        var address = to ?? Address;
        var destination = string.Create(CultureInfo.InvariantCulture, $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}");
        var isAllowed = verdict.StartsWith("allow", StringComparison.Ordinal);

        var answer = await mesh.CallAsync(who, port, from, to);

        var line = await mesh.Web.LineAsync();
        Assert.Equal(
            $"{who}: {(isAllowed ? $"{destination} hello" : "reset")} {(isAllowed ? "completed" : "policyDenied")} {verdict} {verdict}",
            $"{who}: {answer} {line.Reason} {Verdict(line.Line)} {Verdict(mesh.Web.Explain(
                ["--inbound", "--to", destination, "--from", from, .. who == Nobody ? [] : (string[])["--from", MeshAuthority.Id(who)]]))}");
        Assert.Equal(who == Nobody ? null : MeshAuthority.Id(who), EndingFacts.Text(line.Line, "peerIdentity"));
    }

    private static string Verdict(System.Text.Json.JsonElement said) =>
        $"{EndingFacts.Text(said, "verdict")} {EndingFacts.Text(said, "rule")}".TrimEnd();

    private async Task<List<double>> CountsAsync()
    {
        var counts = new List<double>();
        foreach (var verdict in new[] { "allowed", "denied_by_rule", "denied_by_default" })
        {
            counts.Add(await mesh.Web.Proxy.MetricAsync("l4proxy_policy_decisions_total", $"verdict=\"{verdict}\""));
        }
        return counts;
    }
}
