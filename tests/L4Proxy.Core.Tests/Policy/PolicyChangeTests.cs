using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Which live connections a change makes worth judging again.</summary>
public sealed class PolicyChangeTests
{
    private static readonly AccessRequest _web = From("cluster.local/ns/shop/sa/web");
    private static readonly AccessRequest _cart = From("cluster.local/ns/shop/sa/cart");
    private static readonly PolicyRule _isWeb = Rule(new PolicyMatch { Principals = Names("cluster.local/ns/shop/sa/web") });
    private static readonly PolicyRule _isShop = Rule(new PolicyMatch { Namespaces = Names("shop") });

    [Fact]
    public void The_same_policies_change_nothing()
    {
        var policy = Allow("web", _isWeb);
        Assert.True(PolicyChange.Between(PolicySet.Empty, PolicySet.Empty).ChangesNothing);
        Assert.True(PolicyChange.Between(Compiled(policy), Compiled(policy)).ChangesNothing);
    }

    [Fact]
    public void The_same_words_on_other_lines_in_another_policy_or_order_change_nothing()
    {
        var before = Compiled(Allow("a", _isWeb, _isShop), Deny("d", Rule(new PolicyMatch { Ports = [1] })));
        var after = Compiled(Deny("d", Rule(new PolicyMatch { Ports = [1], Line = 99 })), Allow("b", _isShop with { Line = 77 }), Allow("c", Rule([.. _isWeb.Clauses[0].Matches])));
        Assert.True(PolicyChange.Between(before, after).ChangesNothing);
    }

    [Fact]
    public void A_DENY_that_comes_or_goes_affects_those_it_matches()
    {
        var (before, after) = (Compiled(Allow("shop", _isShop)), Compiled(Allow("shop", _isShop), Deny("web", _isWeb)));
        foreach (var change in new[] { PolicyChange.Between(before, after), PolicyChange.Between(after, before) })
        {
            Assert.False(change.ChangesNothing);
            Assert.True(change.MayAffect(_web));
            Assert.False(change.MayAffect(_cart));
        }
    }

    [Fact]
    public void An_ALLOW_that_goes_affects_those_it_matched()
    {
        var change = PolicyChange.Between(Compiled(Allow("shop", _isShop), Allow("web", _isWeb)), Compiled(Allow("shop", _isShop)));
        Assert.True(change.MayAffect(_web));
        Assert.False(change.MayAffect(_cart));
    }

    [Fact]
    public void The_first_ALLOW_affects_those_it_does_not_match()
    {
        var change = PolicyChange.Between(PolicySet.Empty, Compiled(Allow("web", _isWeb)));
        Assert.False(change.ChangesNothing);
        Assert.False(change.MayAffect(_web));
        Assert.True(change.MayAffect(_cart));
        Assert.True(change.MayAffect(From(null)));
    }

    [Fact]
    public void An_ALLOW_without_rules_is_a_change_although_it_has_no_rule()
    {
        var change = PolicyChange.Between(PolicySet.Empty, Compiled(Allow("nobody")));
        Assert.False(change.ChangesNothing);
        Assert.True(change.MayAffect(_web));
    }

    [Fact]
    public void What_is_in_dry_run_AUDIT_or_out_of_reach_changes_nothing()
    {
        var after = Compiled(Deny("web", _isWeb).DryRun(), Allow("nobody").DryRun(), Audit("watch", Rule()), Deny("other/all", Rule()));
        Assert.True(PolicyChange.Between(PolicySet.Empty, after).ChangesNothing);
    }

    [Fact]
    public void Enforcing_what_was_in_dry_run_affects_those_it_matches()
    {
        var change = PolicyChange.Between(Compiled(Deny("web", _isWeb).DryRun()), Compiled(Deny("web", _isWeb)));
        Assert.True(change.MayAffect(_web));
        Assert.False(change.MayAffect(_cart));
    }

    [Fact]
    public void Another_alias_may_affect_whom_the_same_words_mean_now()
    {
        var policy = Deny("web", Rule(new PolicyMatch { Principals = Names("cluster.local/ns/shop/sa/web") }));
        var change = PolicyChange.Between(Compiled(policy), PolicySet.Compile([policy], Workload with { TrustDomains = ["prod.example", "other.example"] }));
        Assert.True(change.MayAffect(From("other.example/ns/shop/sa/web")));
        Assert.True(change.MayAffect(From("old.example/ns/shop/sa/web")));
        Assert.False(change.MayAffect(_web));
    }

    [Fact]
    public void A_set_made_from_the_one_before_uses_its_hits_again()
    {
        var (kept, gone) = (Allow("kept", _isWeb), Allow("gone", _isShop));
        var before = Compiled(kept, gone);
        var after = PolicySet.Compile([kept, Allow("gone", _isShop)], Workload, before);
        Assert.Same(Hit(before, "shop/kept#0"), Hit(after, "shop/kept#0"));
        Assert.NotSame(Hit(before, "shop/gone#0"), Hit(after, "shop/gone#0"));
    }

    private static PolicyHit Hit(PolicySet set, string id) =>
        set.Compiled.SelectMany(policy => policy.Rules).Single(rule => rule.Hit.Id == id).Hit;
}
