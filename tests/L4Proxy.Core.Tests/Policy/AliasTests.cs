using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>cluster.local, prod.example (our own) and old.example (its alias) are one trust domain; a peer goes by its name in each.</summary>
public sealed class AliasTests
{
    [Theory]
    [InlineData("cluster.local/ns/shop/sa/web", "prod.example/ns/shop/sa/web", true)]
    [InlineData("cluster.local/ns/shop/sa/web", "old.example/ns/shop/sa/web", true)]
    [InlineData("cluster.local/ns/shop/sa/web", "cluster.local/ns/shop/sa/web", true)]
    [InlineData("old.example/ns/shop/sa/web", "prod.example/ns/shop/sa/web", true)]
    [InlineData("old.example/ns/shop/sa/web", "cluster.local/ns/shop/sa/web", true)]
    [InlineData("cluster.local/ns/shop/sa/web", "other.example/ns/shop/sa/web", false)]
    [InlineData("other.example/ns/shop/sa/web", "prod.example/ns/shop/sa/web", false)]
    [InlineData("other.example/ns/shop/sa/web", "other.example/ns/shop/sa/web", true)]
    [InlineData("cluster.local/ns/shop/*", "prod.example/ns/shop/sa/web", true)]
    [InlineData("cluster.local/*", "old.example/ns/shop/sa/web", true)]
    [InlineData("cluster.local/*", "other.example/ns/shop/sa/web", false)]
    [InlineData("cluster.local/*", "cluster.local.evil/ns/shop/sa/web", false)]
    [InlineData("cluster.local", "prod.example", true)]
    [InlineData("cluster.local/", "prod.example", false)]
    // A prefix that ends, or a suffix that begins, within the name of the domain.
    [InlineData("clus*", "prod.example/ns/shop/sa/web", true)]
    [InlineData("clus*", "other.example/ns/shop/sa/web", false)]
    [InlineData("clus*", "clusters/ns/shop/sa/web", true)]
    [InlineData("*d.example/ns/shop/sa/web", "cluster.local/ns/shop/sa/web", true)]
    [InlineData("*example/ns/shop/sa/web", "other.example/ns/shop/sa/web", true)]
    [InlineData("*local/ns/shop/sa/web", "other.example/ns/shop/sa/web", false)]
    [InlineData("*local", "prod.example", true)]
    [InlineData("*local", "prod.example/ns/local", true)]
    [InlineData("*local", "prod.example/ns/shop/sa/web", false)]
    [InlineData("*/sa/web", "prod.example/ns/shop/sa/web", true)]
    public void Principals_of_one_domain_are_those_of_its_aliases(string pattern, string peer, bool matches)
    {
        Assert.Equal(matches, Matches(new() { Principals = Names(pattern) }, From(peer)));
        Assert.Equal(!matches, Matches(new() { NotPrincipals = Names(pattern) }, From(peer)));
    }

    [Theory]
    [InlineData("cluster.local", "prod.example/x", true)]
    [InlineData("old.example", "prod.example/x", true)]
    [InlineData("prod*", "cluster.local/x", true)]
    [InlineData("*.local", "old.example/x", true)]
    [InlineData("*.example", "other.example/x", true)]
    [InlineData("*.local", "other.example/x", false)]
    [InlineData("other.example", "prod.example/x", false)]
    public void Trust_domains_are_their_aliases(string pattern, string peer, bool matches)
    {
        Assert.Equal(matches, Matches(new() { TrustDomains = Names(pattern) }, From(peer)));
        Assert.Equal(!matches, Matches(new() { NotTrustDomains = Names(pattern) }, From(peer)));
    }

    [Fact]
    public void Cluster_local_points_to_our_trust_domain_also_without_aliases()
    {
        var workload = new LocalWorkload("shop", Workload.Labels, "istio-system", ["prod.example"]);
        var set = PolicySet.Compile([Allow("web", Rule(new PolicyMatch { Principals = Names("cluster.local/ns/shop/sa/web") }))], workload);
        Assert.True(set.Allows(From("prod.example/ns/shop/sa/web")));
        Assert.False(set.Allows(From("old.example/ns/shop/sa/web")));
    }
}
