using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Which policies reach the workload shop/cart with app=cart, version=v1.</summary>
public sealed class ScopeTests
{
    [Theory]
    [InlineData("istio-system/p", "", true)]
    [InlineData("istio-system/p", "app=cart", true)]
    [InlineData("istio-system/p", "app=other", false)]
    [InlineData("shop/p", "", true)]
    [InlineData("shop/p", "app=cart", true)]
    [InlineData("shop/p", "app=cart,version=v1", true)]
    [InlineData("shop/p", "app=cart,version=v2", false)]
    [InlineData("shop/p", "tier=front", false)]
    [InlineData("other/p", "", false)]
    [InlineData("other/p", "app=cart", false)]
    public void A_policy_reaches_by_root_namespace_namespace_or_labels(string name, string labels, bool reaches)
    {
        var selector = labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')).Select(pair => (pair[0], pair[1]));
        var policy = Deny(name, Rule()).For([.. selector]);
        var set = Compiled(policy);
        Assert.Equal(reaches, set.Policies.Contains(policy));
        Assert.Equal(!reaches, set.Allows(From(null)));
    }

    [Fact]
    public void An_ALLOW_that_does_not_reach_locks_nobody_out() =>
        Assert.Equal(AccessReason.NoAllowPolicy, Compiled(Allow("other/nobody"), Allow("nobody").For(("app", "other"))).Decide(From(null)).Verdict.Reason);

    [Fact]
    public void Policies_stand_from_wide_to_narrow()
    {
        var set = Compiled(Deny("b"), Deny("a").For(("app", "cart")), Deny("a2"), Deny("istio-system/z"), Deny("other/x"));
        Assert.Equal("istio-system/z shop/a2 shop/b shop/a", string.Join(' ', set.Policies.Select(policy => policy.Origin.Id)));
    }
}
