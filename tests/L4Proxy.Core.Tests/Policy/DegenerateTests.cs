using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>What empty things mean: rules OR, clauses AND, matches OR, fields AND, values OR.</summary>
public sealed class DegenerateTests
{
    private static readonly AccessRequest _web = From("cluster.local/ns/shop/sa/web");
    private static readonly AccessRequest _plaintext = From(null);
    private static readonly PolicyMatch _shop = new() { Namespaces = Names("shop") };
    private static readonly PolicyMatch _other = new() { Namespaces = Names("other") };

    [Fact]
    public void Without_policies_everything_is_allowed()
    {
        Assert.Equal(new AccessVerdict(AccessReason.NoAllowPolicy, null), PolicySet.Empty.Decide(_plaintext).Verdict);
        Assert.Equal(new AccessVerdict(AccessReason.NoAllowPolicy, null), Compiled().Decide(_web).Verdict);
    }

    [Fact]
    public void An_ALLOW_policy_without_rules_denies_everything()
    {
        Assert.Equal(new AccessVerdict(AccessReason.NoAllowMatched, null), Compiled(Allow("nothing")).Decide(_web).Verdict);
        Assert.False(Compiled(Allow("nothing")).Allows(_plaintext));
    }

    [Fact]
    public void A_DENY_policy_without_rules_denies_nothing() =>
        Assert.Equal(AccessReason.NoAllowPolicy, Compiled(Deny("nothing")).Decide(_web).Verdict.Reason);

    [Fact]
    public void A_rule_without_clauses_matches_everything()
    {
        Assert.True(Compiled(Allow("all", Rule())).Allows(_plaintext));
        Assert.False(Compiled(Deny("all", Rule())).Allows(_web));
    }

    [Fact]
    public void A_clause_without_matches_matches_everything()
    {
        Assert.True(Compiled(Allow("all", Clauses(Clause()))).Allows(_plaintext));
        Assert.False(Compiled(Deny("all", Clauses(Clause(), Clause()))).Allows(_web));
    }

    [Fact]
    public void A_clause_without_matches_does_not_weaken_another()
    {
        Assert.True(Compiled(Allow("shop", Clauses(Clause(), Clause(_shop)))).Allows(_web));
        Assert.False(Compiled(Allow("other", Clauses(Clause(), Clause(_other)))).Allows(_web));
    }

    [Fact]
    public void A_match_without_fields_never_matches()
    {
        Assert.False(Matches(new PolicyMatch(), _web));
        Assert.False(Matches(new PolicyMatch(), _plaintext));
        Assert.False(Compiled(Allow("two", Clauses(Clause(_shop), Clause(new PolicyMatch())))).Allows(_web));
    }

    [Fact]
    public void A_match_without_fields_does_not_spoil_the_one_beside_it() =>
        Assert.True(Compiled(Allow("two", Clauses(Clause(new PolicyMatch(), _shop)))).Allows(_web));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public void Clauses_are_joined_by_and(bool first, bool second, bool matches) =>
        Assert.Equal(matches, Compiled(Allow("and", Rule(first ? _shop : _other, second ? _shop : _other))).Allows(_web));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    public void Matches_of_a_clause_rules_of_a_policy_and_policies_are_joined_by_or(bool first, bool second, bool matches)
    {
        var (one, two) = (first ? _shop : _other, second ? _shop : _other);
        Assert.Equal(matches, Compiled(Allow("matches", Clauses(Clause(one, two)))).Allows(_web));
        Assert.Equal(matches, Compiled(Allow("rules", Rule(one), Rule(two))).Allows(_web));
        Assert.Equal(matches, Compiled(Allow("one", Rule(one)), Allow("two", Rule(two))).Allows(_web));
    }

    [Theory]
    [InlineData("shop", 8080, true)]
    [InlineData("shop", 9000, false)]
    [InlineData("other", 8080, false)]
    public void Fields_of_a_match_are_joined_by_and(string name, int port, bool matches) =>
        Assert.Equal(matches, Matches(new PolicyMatch { Namespaces = Names(name), Ports = [port] }, _web));

    [Fact]
    public void Values_of_a_field_are_joined_by_or_and_of_a_not_field_none_may_match()
    {
        Assert.True(Matches(new PolicyMatch { Namespaces = Names("other", "shop") }, _web));
        Assert.False(Matches(new PolicyMatch { NotNamespaces = Names("other", "shop") }, _web));
        Assert.True(Matches(new PolicyMatch { NotNamespaces = Names("other", "another") }, _web));
    }

    [Fact]
    public void A_field_and_its_not_field_must_both_hold()
    {
        var match = new PolicyMatch { Principals = Names("cluster.local/ns/shop/*"), NotPrincipals = Names("*/sa/web") };
        Assert.False(Matches(match, _web));
        Assert.True(Matches(match, From("cluster.local/ns/shop/sa/cart")));
    }
}
