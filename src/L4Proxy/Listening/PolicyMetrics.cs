using System.Diagnostics.Metrics;
using L4Proxy.Core.Policy;
using L4Proxy.Telemetry;

namespace L4Proxy.Listening;

/// <summary>What policy decided, and what policies in dry run would have, as metrics. One set of words for both.</summary>
internal static class PolicyMetrics
{
    private const string Allowed = "allowed";
    private const string DeniedByRule = "denied_by_rule";
    private const string DeniedByDefault = "denied_by_default";

    // Nobody's policy denies for want of an ALLOW; a policy's own name has a slash.
    private const string NoPolicy = "none";

    public static void AddTo(Instruments instruments, PolicyCounters counters)
    {
        instruments.AddCounter("l4proxy_policy_decisions_total", null, "Authorization decisions about new connections, in force.", () => new Measurement<long>[]
        {
            new(counters.Allowed, new KeyValuePair<string, object?>("verdict", Allowed)),
            new(counters.DeniedByRule, new KeyValuePair<string, object?>("verdict", DeniedByRule)),
            new(counters.DeniedByDefault, new KeyValuePair<string, object?>("verdict", DeniedByDefault)),
        });
        instruments.AddCounter("l4proxy_policy_dry_run_total", null,
            "New connections about which policies in dry run would have decided otherwise, by the policy that would have.", () => DryRun(counters));
        instruments.AddCounter("l4proxy_policy_audited_total", null, "New connections that an AUDIT policy marked.",
            () => counters.Audited.Numbers.Select(number => new Measurement<long>(number.Value, Policy(number.Key))));
    }

    private static IEnumerable<Measurement<long>> DryRun(PolicyCounters counters) =>
    [
        new(counters.WouldDenyByDefault, new("verdict", DeniedByDefault), Policy(NoPolicy)),
        .. Each(DeniedByRule, counters.WouldDeny),
        .. Each(Allowed, counters.WouldAllow),
    ];

    private static IEnumerable<Measurement<long>> Each(string verdict, PolicyTally tally) =>
        tally.Numbers.Select(number => new Measurement<long>(number.Value, new("verdict", verdict), Policy(number.Key)));

    private static KeyValuePair<string, object?> Policy(string name) => new("policy", name);
}
