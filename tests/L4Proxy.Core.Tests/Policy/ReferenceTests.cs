using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Properties over random policies and connections. A failure names the seed, which gives the same case again.</summary>
public sealed class ReferenceTests
{
    private const int Worlds = 2000;
    private const int Requests = 60;

    /// <summary>120 000 cases.</summary>
    [Fact]
    public void The_compiled_matcher_says_what_the_plain_reading_says() => Worlds_hold((random, policies, fail) =>
    {
        var set = PolicySet.Compile(policies, Workload);
        var reference = new ReferenceEvaluator(policies, Workload);
        for (var number = 0; number < Requests; number++)
        {
            var request = random.Request();
            var told = ReferenceEvaluator.Told(set.Decide(request));
            fail(told == reference.Decide(request), $"request {number}: {request} is {told}, not {reference.Decide(request)}");
        }
    });

    [Fact]
    public void Dry_run_never_changes_an_outcome_and_tells_that_of_enforcing_it() => Worlds_hold((random, policies, fail) =>
    {
        var set = PolicySet.Compile(policies, Workload);
        var without = PolicySet.Compile(policies.Where(policy => !policy.IsDryRun), Workload);
        var enforced = PolicySet.Compile(policies.Select(policy => policy with { IsDryRun = false }), Workload);
        for (var number = 0; number < 20; number++)
        {
            var request = random.Request();
            var decision = set.Decide(request);
            fail(Same(decision.Verdict, without.Decide(request).Verdict), $"request {number}: {request} is decided by what is in dry run");
            fail(decision.Audit?.Id == without.Decide(request).Audit?.Id, $"request {number}: {request} is marked by what is in dry run");
            fail(Same(decision.WithDryRun, enforced.Decide(request).Verdict), $"request {number}: {request} would be decided otherwise");
        }
    });

    [Fact]
    public void A_change_never_misses_a_connection_whose_outcome_changes() => Worlds_hold((random, policies, fail) =>
    {
        var before = PolicySet.Compile(policies, Workload);
        var read = random.Changed(policies);
        var workload = random.Pick(0, 0, 0, 0, 0, 1) == 0 ? Workload : Workload with { TrustDomains = ["prod.example", "other.example"] };
        var after = PolicySet.Compile(read, workload, before);
        var fresh = PolicySet.Compile(read, workload);
        var change = PolicyChange.Between(before, after);
        for (var number = 0; number < Requests; number++)
        {
            var request = random.Request();
            var differs = before.Decide(request).IsAllowed != after.Decide(request).IsAllowed;
            fail(!differs || change.MayAffect(request), $"request {number}: {request} is missed");
            fail(!change.ChangesNothing || !change.MayAffect(request), $"request {number}: {request} is affected by nothing");
            fail(
                ReferenceEvaluator.Told(fresh.Decide(request)) == ReferenceEvaluator.Told(after.Decide(request)),
                $"request {number}: {request} is decided otherwise where parts were used again");
        }
    });

    [Fact]
    public void An_explanation_ends_with_the_decision_and_a_hit_can_always_be_described() => Worlds_hold((random, policies, fail) =>
    {
        var set = PolicySet.Compile(policies, Workload);
        for (var number = 0; number < 3; number++)
        {
            var request = random.Request();
            var decision = set.Decide(request);
            var last = set.Explain(request)[^1];
            fail(last.Text.StartsWith(decision.IsAllowed ? "allowed" : "denied", StringComparison.Ordinal), $"request {number}: {request} is explained as {last}");
            fail(last.By == decision.Verdict.By?.Origin, $"request {number}: {request} is explained by {last.By}");
            foreach (var hit in new[] { decision.Verdict.By, decision.WithDryRun.By, decision.Audit }.OfType<PolicyHit>())
            {
                fail(!set.Describe(hit, request).Contains("does not match", StringComparison.Ordinal), $"request {number}: {request} does not match {hit.Id}");
            }
        }
    });

    private static bool Same(AccessVerdict one, AccessVerdict other) => one.Reason == other.Reason && one.By?.Id == other.By?.Id;

    private static void Worlds_hold(Action<RandomPolicies, System.Collections.Immutable.ImmutableArray<AuthorizationPolicy>, Action<bool, string>> holds)
    {
        for (var seed = 1; seed <= Worlds; seed++)
        {
            var random = new RandomPolicies(seed);
            var world = seed;
            holds(random, random.Policies(most: 1 + (seed % 12)), (isTrue, message) =>
            {
                if (!isTrue)
                {
                    Assert.Fail($"seed {world}, {message}");
                }
            });
        }
    }
}
