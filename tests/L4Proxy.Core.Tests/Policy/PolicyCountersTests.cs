using System.Collections.Immutable;
using System.Globalization;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Tests.Policy;

public sealed class PolicyCountersTests
{
    private static readonly AccessVerdict _noPolicy = new(AccessReason.NoAllowPolicy, null);
    private static readonly AccessVerdict _noAllow = new(AccessReason.NoAllowMatched, null);
    private static readonly AccessVerdict _allowed = new(AccessReason.AllowMatched, Hit("demo/let-shop"));
    private static readonly AccessVerdict _denied = new(AccessReason.DenyMatched, Hit("demo/deny-web"));
    private readonly PolicyCounters _counters = new();

    [Fact]
    public void Decisions_in_force_are_allowed_denied_by_a_rule_or_denied_for_want_of_one()
    {
        foreach (var verdict in new[] { _noPolicy, _allowed, _denied, _noAllow, _noAllow, _noAllow })
        {
            _counters.Count(new AccessDecision(verdict, verdict, null));
        }

        Assert.Equal((2, 1, 3), (_counters.Allowed, _counters.DeniedByRule, _counters.DeniedByDefault));
        Assert.Equal(0, _counters.WouldDenyByDefault);
        Assert.Equal("overflow 0", Told(_counters.WouldDeny));
        Assert.Equal("overflow 0", Told(_counters.WouldAllow));
    }

    [Fact]
    public void A_dry_run_counts_where_it_would_have_changed_the_outcome_by_the_policy_that_would_have()
    {
        _counters.Count(new AccessDecision(_allowed, _denied, null));
        _counters.Count(new AccessDecision(_noPolicy, _denied, null));
        _counters.Count(new AccessDecision(_noPolicy, _noAllow, null));
        _counters.Count(new AccessDecision(_noAllow, _allowed, null));
        // Another reason, the same outcome.
        _counters.Count(new AccessDecision(_noAllow, _denied, null));
        _counters.Count(new AccessDecision(_noPolicy, _allowed, null));

        Assert.Equal("overflow 0, demo/deny-web 2", Told(_counters.WouldDeny));
        Assert.Equal("overflow 0, demo/let-shop 1", Told(_counters.WouldAllow));
        Assert.Equal(1, _counters.WouldDenyByDefault);
        Assert.Equal((4, 0, 2), (_counters.Allowed, _counters.DeniedByRule, _counters.DeniedByDefault));
    }

    [Fact]
    public void In_a_dry_run_of_everything_all_are_allowed_and_every_denial_would_have_been_one()
    {
        _counters.Count(new AccessDecision(_denied, _denied, null), isEnforced: false);
        _counters.Count(new AccessDecision(_noAllow, _noAllow, null), isEnforced: false);
        _counters.Count(new AccessDecision(_allowed, _allowed, null), isEnforced: false);

        Assert.Equal((3, 0, 0), (_counters.Allowed, _counters.DeniedByRule, _counters.DeniedByDefault));
        Assert.Equal("overflow 0, demo/deny-web 1", Told(_counters.WouldDeny));
        Assert.Equal(1, _counters.WouldDenyByDefault);
    }

    [Fact]
    public void An_audit_counts_for_its_policy_whichever_of_its_rules_matched()
    {
        _counters.Count(new AccessDecision(_denied, _denied, Hit("demo/watch", rule: 0)));
        _counters.Count(new AccessDecision(_noPolicy, _noPolicy, Hit("demo/watch", rule: 12)));

        Assert.Equal("overflow 0, demo/watch 2", Told(_counters.Audited));
    }

    [Fact]
    public void Policies_beyond_the_hundredth_share_one_number_and_the_first_keep_theirs()
    {
        for (var i = 0; i < 2 * PolicyTally.MaximumPolicies; i++)
        {
            _counters.Audited.Add(Hit(string.Create(CultureInfo.InvariantCulture, $"demo/watch-{i}")));
        }
        _counters.Audited.Add(Hit("demo/watch-99"));

        var numbers = _counters.Audited.Numbers.ToDictionary(StringComparer.Ordinal);
        Assert.Equal(PolicyTally.MaximumPolicies + 1, numbers.Count);
        Assert.Equal(PolicyTally.MaximumPolicies, numbers[PolicyTally.Overflow]);
        Assert.Equal(2, numbers["demo/watch-99"]);
    }

    [Fact]
    public void A_policy_that_is_expected_has_a_number_before_its_first_connection()
    {
        var watch = Hit("demo/watch");
        _counters.Audited.Expect(watch.Policy);
        _counters.Audited.Add(watch);
        _counters.Audited.Expect(watch.Policy);
        _counters.WouldDeny.Expect(watch.Policy);

        Assert.Equal("overflow 0, demo/watch 1", Told(_counters.Audited));
        Assert.Equal("overflow 0, demo/watch 0", Told(_counters.WouldDeny));
    }

    [Fact]
    public void Counting_for_a_known_policy_allocates_nothing()
    {
        var decision = new AccessDecision(_noPolicy, _denied, Hit("demo/watch"));
        _counters.Count(decision);
        long allocated;
        var looks = 0;
        do
        {
            // A collection that another thread brings about is charged to whoever runs just then; our own would be there each time.
            var before = GC.GetAllocatedBytesForCurrentThread();
            _counters.Count(decision);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && ++looks < 4);

        Assert.Equal(0, allocated);
    }

    private static string Told(PolicyTally tally) =>
        string.Join(", ", tally.Numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{number.Key} {number.Value}")));

    private static PolicyHit Hit(string id, int rule = 0)
    {
        var name = id.Split('/');
        var origin = new Origin(ResourceKind.AuthorizationPolicy, name[0], name[1], "policies.yaml", 1);
        return new PolicyHit(new AuthorizationPolicy(origin, PolicyAction.Deny, WorkloadSelector.Everything, []), new PolicyRule(rule, 1, ImmutableArray<PolicyClause>.Empty));
    }
}
