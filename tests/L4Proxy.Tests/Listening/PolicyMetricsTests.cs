using System.Buffers;
using System.Text;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Listening;
using L4Proxy.Telemetry;

namespace L4Proxy.Tests.Listening;

public sealed class PolicyMetricsTests : IDisposable
{
    private readonly Instruments _instruments = new();
    private readonly PrometheusWriter _writer;
    private readonly PolicyCounters _policy = new();
    private readonly RoutingCounters _routing = new();

    public PolicyMetricsTests()
    {
        PolicyMetrics.AddTo(_instruments, _policy);
        RoutingMetrics.AddTo(_instruments, _routing, () => 4);
        _writer = new PrometheusWriter(_instruments);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public void Every_family_is_there_from_the_first_scrape_on() => Assert.Equal(
        """
        l4proxy_policy_audited_total{policy="overflow"} 0
        l4proxy_policy_decisions_total{verdict="allowed"} 0
        l4proxy_policy_decisions_total{verdict="denied_by_default"} 0
        l4proxy_policy_decisions_total{verdict="denied_by_rule"} 0
        l4proxy_policy_dry_run_total{verdict="allowed",policy="overflow"} 0
        l4proxy_policy_dry_run_total{verdict="denied_by_default",policy="none"} 0
        l4proxy_policy_dry_run_total{verdict="denied_by_rule",policy="overflow"} 0
        """, Scraped("l4proxy_policy"));

    [Fact]
    public void What_a_dry_run_would_deny_is_told_by_policy_and_what_is_in_force_is_not()
    {
        var hit = new PolicyHit(
            new AuthorizationPolicy(new Origin(ResourceKind.AuthorizationPolicy, "demo", "deny-web", "", 0), PolicyAction.Deny, WorkloadSelector.Everything, []),
            new PolicyRule(0, 0, []));
        _policy.Count(new AccessDecision(new(AccessReason.NoAllowPolicy, null), new(AccessReason.DenyMatched, hit), hit));

        var scraped = Scraped("l4proxy_policy");
        Assert.Contains("l4proxy_policy_dry_run_total{verdict=\"denied_by_rule\",policy=\"demo/deny-web\"} 1", scraped, StringComparison.Ordinal);
        Assert.Contains("l4proxy_policy_audited_total{policy=\"demo/deny-web\"} 1", scraped, StringComparison.Ordinal);
        Assert.Contains("l4proxy_policy_decisions_total{verdict=\"allowed\"} 1", scraped, StringComparison.Ordinal);
        Assert.Contains("l4proxy_policy_decisions_total{verdict=\"denied_by_rule\"} 0", scraped, StringComparison.Ordinal);
    }

    [Fact]
    public void Retries_ejections_and_the_queue_are_told()
    {
        _routing.Retried();
        _routing.Retried();
        _routing.Ejected();
        _routing.WaitingBegan();
        _routing.WaitingBegan();
        _routing.WaitingEnded();

        Assert.Equal(
            """
            l4proxy_connections_waiting 1
            l4proxy_dial_retries_total 2
            l4proxy_endpoint_ejections_total 1
            l4proxy_endpoints_ejected 4
            """, Scraped("l4proxy_dial", "l4proxy_endpoint", "l4proxy_connections"));
    }

    /// <summary>The sample lines of these families, in order.</summary>
    private string Scraped(params string[] families)
    {
        var output = new ArrayBufferWriter<byte>();
        _writer.Write(output, openMetrics: false);
        return string.Join('\n', Encoding.UTF8.GetString(output.WrittenSpan).Split('\n')
            .Where(line => families.Any(family => line.StartsWith(family, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
    }
}
