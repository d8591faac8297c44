using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>DENY before ALLOW; AUDIT only marks; what is in dry run is judged and never enforced.</summary>
public sealed class OrderTests
{
    private static readonly PolicyRule _web = Rule(new PolicyMatch { Principals = Names("cluster.local/ns/shop/sa/web") });
    private static readonly AccessRequest _fromWeb = From("cluster.local/ns/shop/sa/web");
    private static readonly AccessRequest _fromCart = From("cluster.local/ns/shop/sa/cart");

    [Fact]
    public void An_ALLOW_that_matches_allows_and_what_none_matches_is_denied()
    {
        var set = Compiled(Allow("web", _web));
        Assert.Equal("shop/web#0", Told(set.Decide(_fromWeb).Verdict, AccessReason.AllowMatched));
        Assert.Null(Told(set.Decide(_fromCart).Verdict, AccessReason.NoAllowMatched));
        Assert.False(set.Allows(From(null)));
    }

    [Fact]
    public void A_DENY_that_matches_denies_and_what_none_matches_is_allowed()
    {
        var set = Compiled(Deny("web", _web));
        Assert.Equal("shop/web#0", Told(set.Decide(_fromWeb).Verdict, AccessReason.DenyMatched));
        Assert.Null(Told(set.Decide(_fromCart).Verdict, AccessReason.NoAllowPolicy));
    }

    [Fact]
    public void DENY_wins_over_ALLOW()
    {
        var set = Compiled(Allow("a-web", _web), Deny("z-web", _web));
        Assert.Equal("shop/z-web#0", Told(set.Decide(_fromWeb).Verdict, AccessReason.DenyMatched));
        Assert.Null(Told(set.Decide(_fromCart).Verdict, AccessReason.NoAllowMatched));
    }

    [Fact]
    public void The_first_of_several_rules_is_named_whatever_the_order_of_the_files()
    {
        AuthorizationPolicy[] policies =
        [
            Deny("b", Rule(), _web), Deny("a", _web, Rule()).For(("app", "cart")), Deny("c", _web), Deny("istio-system/z", Rule(new PolicyMatch { Ports = [9000] }), _web),
        ];
        Assert.Equal("istio-system/z#1", Compiled(policies).Decide(_fromWeb).Verdict.By?.Id);
        Assert.Equal("istio-system/z#1", Compiled([.. policies.Reverse()]).Decide(_fromWeb).Verdict.By?.Id);
        Assert.Equal("shop/b#0", Compiled(policies[..3]).Decide(_fromWeb).Verdict.By?.Id);
        Assert.Equal("shop/a#0", Compiled(policies[1]).Decide(_fromWeb).Verdict.By?.Id);
        Assert.Equal("shop/a#1", Compiled(policies[1]).Decide(_fromCart).Verdict.By?.Id);
    }

    [Fact]
    public void A_rule_keeps_the_number_it_was_written_with()
    {
        var policy = Deny("gap", _web);
        policy = policy with { Rules = [policy.Rules[0] with { Index = 3, Line = 44 }] };
        var hit = Compiled(policy).Decide(_fromWeb).Verdict.By!;
        Assert.Equal("shop/gap#3", hit.Id);
        Assert.Equal("AuthorizationPolicy shop/gap (policies.yaml:44)", hit.Origin.ToString());
    }

    [Fact]
    public void AUDIT_marks_and_decides_nothing()
    {
        var set = Compiled(Audit("watch", _web));
        Assert.Null(Told(set.Decide(_fromWeb).Verdict, AccessReason.NoAllowPolicy));
        Assert.Equal("shop/watch#0", set.Decide(_fromWeb).Audit?.Id);
        Assert.Null(set.Decide(_fromCart).Audit);
        Assert.Equal("shop/watch#0", Compiled(Audit("watch", _web), Deny("all", Rule())).Decide(_fromWeb).Audit?.Id);
        Assert.Null(Compiled(Audit("watch", _web).DryRun()).Decide(_fromWeb).Audit);
    }

    [Fact]
    public void A_DENY_in_dry_run_says_what_it_would_deny()
    {
        var decision = Compiled(Deny("web", _web).DryRun()).Decide(_fromWeb);
        Assert.Null(Told(decision.Verdict, AccessReason.NoAllowPolicy));
        Assert.Equal("shop/web#0", Told(decision.WithDryRun, AccessReason.DenyMatched));
        Assert.True(decision.IsAllowed);
    }

    [Fact]
    public void An_ALLOW_in_dry_run_says_whom_it_would_lock_out()
    {
        var set = Compiled(Allow("web", _web).DryRun());
        Assert.Equal("shop/web#0", Told(set.Decide(_fromWeb).WithDryRun, AccessReason.AllowMatched));
        Assert.Null(Told(set.Decide(_fromCart).WithDryRun, AccessReason.NoAllowMatched));
        Assert.Null(Told(set.Decide(_fromCart).Verdict, AccessReason.NoAllowPolicy));
    }

    [Fact]
    public void An_ALLOW_in_dry_run_says_whom_it_would_let_in()
    {
        var decision = Compiled(Allow("nobody"), Allow("web", _web).DryRun()).Decide(_fromWeb);
        Assert.Null(Told(decision.Verdict, AccessReason.NoAllowMatched));
        Assert.Equal("shop/web#0", Told(decision.WithDryRun, AccessReason.AllowMatched));
    }

    [Fact]
    public void Without_dry_run_both_verdicts_are_one()
    {
        var decision = Compiled(Allow("web", _web), Deny("all", Rule(new PolicyMatch { Ports = [1] }))).Decide(_fromWeb);
        Assert.Equal(decision.Verdict, decision.WithDryRun);
    }

    private static string? Told(AccessVerdict verdict, AccessReason reason)
    {
        Assert.Equal(reason, verdict.Reason);
        return verdict.By?.Id;
    }
}
