using BenchmarkDotNet.Attributes;
using L4Proxy.Core.Policy;

namespace L4Proxy.Microbench.Policy;

/// <summary>Asked once per inbound connection, with 10 000 rules in reach. The goal is under 1 µs.</summary>
public class PolicyDecisionBenchmark
{
    private readonly PolicySet _typical = PolicySet.Compile(ManyPolicies.Typical(), ManyPolicies.Workload);
    private readonly PolicySet _wildcards = PolicySet.Compile(ManyPolicies.Wildcards(), ManyPolicies.Workload);
    private readonly PolicyChange _change;
    private readonly AccessRequest _known = ManyPolicies.Request("spiffe://prod.example/ns/ns-25/sa/sa-5015", 8080);
    private readonly AccessRequest _unknown = ManyPolicies.Request("spiffe://prod.example/ns/ns-25/sa/nobody", 8080);
    private readonly AccessRequest _plaintext = ManyPolicies.Request(null, 8080);
    private readonly AccessRequest _wild = ManyPolicies.Request("spiffe://prod.example/ns/any/sa/job-5017", 8080);
    private readonly AccessRequest _notWild = ManyPolicies.Request("spiffe://prod.example/ns/any/sa/web", 8080);

    public PolicyDecisionBenchmark()
    {
        var policies = ManyPolicies.Typical();
        var changed = policies.SetItem(501, ManyPolicies.Policy(501, number => ManyPolicies.Typical(number + 100_000)));
        _change = PolicyChange.Between(_typical, PolicySet.Compile(changed, ManyPolicies.Workload, _typical));
    }

    [GlobalSetup]
    public void Check()
    {
        if (Allowed_by_a_principal().Verdict.By?.Id != "shop/policy-501#5" || Denied_for_want().Verdict.Reason != AccessReason.NoAllowMatched
            || Plaintext().IsAllowed || Allowed_by_a_suffix().Verdict.By?.Id != "shop/policy-501#7" || Denied_among_wildcards().IsAllowed
            || !Change_touches() || Change_does_not_touch())
        {
            throw new InvalidOperationException("PolicySet gives wrong answers: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Baseline = true, Description = "allowed by an exact principal")]
    [AllocatesNothing]
    public AccessDecision Allowed_by_a_principal() => _typical.Decide(_known);

    [Benchmark(Description = "denied for want of an ALLOW")]
    [AllocatesNothing]
    public AccessDecision Denied_for_want() => _typical.Decide(_unknown);

    [Benchmark(Description = "plaintext, denied")]
    [AllocatesNothing]
    public AccessDecision Plaintext() => _typical.Decide(_plaintext);

    [Benchmark(Description = "wildcards: allowed by a suffix")]
    [AllocatesNothing]
    public AccessDecision Allowed_by_a_suffix() => _wildcards.Decide(_wild);

    [Benchmark(Description = "wildcards: denied")]
    [AllocatesNothing]
    public AccessDecision Denied_among_wildcards() => _wildcards.Decide(_notWild);

    [Benchmark(Description = "one policy changed: a live connection it may touch")]
    [AllocatesNothing]
    public bool Change_touches() => _change.MayAffect(_known);

    [Benchmark(Description = "one policy changed: a live connection it cannot")]
    [AllocatesNothing]
    public bool Change_does_not_touch() => _change.MayAffect(_unknown);
}
