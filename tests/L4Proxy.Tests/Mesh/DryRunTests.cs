using L4Proxy.Tests.Tls;
using static L4Proxy.Tests.Mesh.Manifest;

namespace L4Proxy.Tests.Mesh;

/// <summary>What is only tried out changes nothing for anybody, and is told in the log and in numbers.</summary>
public sealed class DryRunTests(InboundMesh mesh) : IClassFixture<InboundMesh>
{
    private const string Metric = "l4proxy_policy_dry_run_total";

    [Fact]
    public async Task A_DENY_in_dry_run_is_told_and_lets_everybody_in()
    {
        await mesh.Web.ApplyAsync(Deny("demo/try-deny", From("demo/other"), isDryRun: true));
        await using var standing = await mesh.DialAsync("demo/other");
        Assert.Equal("10.77.0.3:8080 one", await standing.AskAsync("one"));

        Assert.Equal("10.77.0.3:8080 hello", await mesh.CallAsync("demo/other"));

        var line = (await mesh.Web.LineAsync()).Line;
        Assert.Equal(("allow", null, "deny demo/try-deny#0"),
            (EndingFacts.Text(line, "verdict"), EndingFacts.Text(line, "rule"), EndingFacts.Text(line, "dryRun")));
        Assert.Equal(2, await mesh.Web.Proxy.MetricAsync(Metric, "verdict=\"denied_by_rule\"", "policy=\"demo/try-deny\""));
        Assert.Equal("10.77.0.3:8080 two", await standing.AskAsync("two"));
        await standing.EndAsync();
        Assert.Equal("completed", (await mesh.Web.LineAsync()).Reason);

        Assert.Equal("10.77.0.3:8080 hello", await mesh.CallAsync("demo/shop"));
        Assert.Null(EndingFacts.Text((await mesh.Web.LineAsync()).Line, "dryRun"));
    }

    [Fact]
    public async Task An_ALLOW_in_dry_run_lets_nobody_in_that_is_denied_without_it()
    {
        await mesh.Web.ApplyAsync(Allow("demo/allow-shop", From("demo/shop")) + Allow("demo/try-allow", From("demo/other"), isDryRun: true));

        Assert.Equal("reset", await mesh.CallAsync("demo/other"));

        var line = (await mesh.Web.LineAsync()).Line;
        Assert.Equal(("deny", null, "allow demo/try-allow#0"),
            (EndingFacts.Text(line, "verdict"), EndingFacts.Text(line, "rule"), EndingFacts.Text(line, "dryRun")));
        Assert.Equal(1, await mesh.Web.Proxy.MetricAsync(Metric, "verdict=\"allowed\"", "policy=\"demo/try-allow\""));
    }

    [Fact]
    public async Task Policy_as_a_whole_in_dry_run_denies_nobody_and_cuts_nobody_off()
    {
        await mesh.Web.ApplyAsync("");
        await mesh.Web.ReconfigureAsync(settings => settings with { Mesh = "mtls: PERMISSIVE, policyDryRun: true, onPolicyChange: cut" });
        await using var standing = await mesh.DialAsync("demo/other");
        Assert.Equal("10.77.0.3:8080 one", await standing.AskAsync("one"));
        await mesh.Web.ApplyAsync(Deny("demo/deny-other", From("demo/other")));

        Assert.Equal("10.77.0.3:8080 hello", await mesh.CallAsync("demo/other"));

        var line = await mesh.Web.LineAsync();
        Assert.Equal(("completed", "deny demo/deny-other#0"), (line.Reason, EndingFacts.Text(line.Line, "dryRun")));
        Assert.Equal(1, await mesh.Web.Proxy.MetricAsync(Metric, "verdict=\"denied_by_rule\"", "policy=\"demo/deny-other\""));
        Assert.Equal("10.77.0.3:8080 two", await standing.AskAsync("two"));
        await standing.EndAsync();
        Assert.Equal("completed", (await mesh.Web.LineAsync()).Reason);
        await mesh.Web.ReconfigureAsync(settings => settings with { Mesh = "mtls: PERMISSIVE" });
        Assert.Equal("reset", await mesh.CallAsync("demo/other"));
        Assert.Equal("policyDenied", (await mesh.Web.LineAsync()).Reason);
    }

    [Fact]
    public async Task An_AUDIT_marks_the_connection_and_decides_nothing()
    {
        await mesh.Web.ApplyAsync(Of("AuthorizationPolicy", "demo/watch-other", $"{{action: AUDIT, rules: {From("demo/other")}}}"));

        Assert.Equal("10.77.0.3:8080 hello", await mesh.CallAsync("demo/other"));
        Assert.Equal("demo/watch-other#0", EndingFacts.Text((await mesh.Web.LineAsync()).Line, "audit"));
        Assert.Equal("10.77.0.3:8080 hello", await mesh.CallAsync("demo/shop"));
        Assert.Null(EndingFacts.Text((await mesh.Web.LineAsync()).Line, "audit"));
        Assert.Equal(1, await mesh.Web.Proxy.MetricAsync("l4proxy_policy_audited_total", "policy=\"demo/watch-other\""));
    }
}
