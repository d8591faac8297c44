using L4Proxy.Core.Policy;
using static L4Proxy.Core.Tests.Policy.Written;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>What people are told when they ask why, line by line.</summary>
public sealed class ExplainTests
{
    private static readonly AccessRequest _web = From("prod.example/ns/shop/sa/web", source: "10.1.2.3");

    [Fact]
    public void Every_question_is_told_with_its_answer_its_line_and_the_verdict_last()
    {
        var set = Compiled(
            Deny("istio-system/no-admin", Rule(new PolicyMatch { Line = 22, Ports = [9000, 15000] })),
            Allow("web", Rule(new PolicyMatch { Line = 31, Principals = Names("cluster.local/ns/shop/*") }, new PolicyMatch { Line = 34, Ports = [8080] })).For(("app", "cart")),
            Allow("other/elsewhere", Rule()),
            Audit("watch", Rule()));
        Assert.Equal(
            """
            DENY: 1 policy reaches the workload
              istio-system/no-admin, for the whole mesh: no rule matches (policies.yaml:10)
                istio-system/no-admin#0 does not match (policies.yaml:20)
                  ports: 8080 is not among [9000, 15000] (policies.yaml:22)
            ALLOW: 1 policy reaches the workload
              shop/web, for this workload: matches (policies.yaml:10)
                shop/web#0 matches (policies.yaml:20)
                  principals: prod.example/ns/shop/sa/web matches cluster.local/ns/shop/* (policies.yaml:31)
                  ports: 8080 is among [8080] (policies.yaml:34)
            AUDIT: 1 policy reaches the workload
              shop/watch, for the namespace shop: matches (policies.yaml:10)
                shop/watch#0 has no conditions and matches everything (policies.yaml:20)
            marked for audit by shop/watch#0 (policies.yaml:20)
            allowed by shop/web#0 (policies.yaml:20)
            """, Told(set, _web));
    }

    [Fact]
    public void Without_policies_it_says_so() => Assert.Equal(
        """
        DENY: no policy reaches the workload
        ALLOW: no policy reaches the workload
        AUDIT: no policy reaches the workload
        allowed: there is no ALLOW policy
        """, Told(PolicySet.Empty, _web));

    [Fact]
    public void Of_a_clause_that_fails_each_match_tells_its_first_field_that_does()
    {
        var set = Compiled(Allow("some", Clauses(
            Clause(
                new PolicyMatch { Line = 21, Namespaces = Names("shop"), NotPrincipals = Names("*/sa/web") },
                new PolicyMatch { Line = 24, ServiceAccounts = [new("shop", "cart")] },
                new PolicyMatch { Line = 26 }))),
            Allow("nobody"));
        Assert.Equal(
            """
            DENY: no policy reaches the workload
            ALLOW: 2 policies reach the workload
              shop/nobody, for the namespace shop: has no rules, never matches (policies.yaml:10)
              shop/some, for the namespace shop: no rule matches (policies.yaml:10)
                shop/some#0 does not match (policies.yaml:20)
                  notPrincipals: prod.example/ns/shop/sa/web matches */sa/web (policies.yaml:21)
                  serviceAccounts: shop/web is not among [shop/cart] (policies.yaml:24)
                  has no conditions, which never matches (policies.yaml:26)
            AUDIT: no policy reaches the workload
            denied: there are ALLOW policies and none matches
            """, Told(set, _web));
    }

    [Fact]
    public void What_is_in_dry_run_is_told_with_what_it_would_change()
    {
        var steps = Told(Compiled(Deny("would", Rule()).DryRun()), _web);
        Assert.Contains("shop/would, for the namespace shop, in dry run: matches", steps, StringComparison.Ordinal);
        Assert.EndsWith(
            """
            with the policies in dry run in force it would be denied by shop/would#0 (policies.yaml:20)
            allowed: there is no ALLOW policy
            """, steps, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_that_do_not_match_are_counted_and_the_one_that_does_is_shown()
    {
        var policies = Enumerable.Range(0, 1000).Select(number => Deny($"p{number:D4}", Rule(new PolicyMatch { Ports = [number + 1] }))).ToArray();
        var steps = Compiled(policies).Explain(From(null, port: 700));
        Assert.InRange(steps.Length, 1, 100);
        Assert.Contains(steps, step => step.Text == "shop/p0699#0 matches");
        Assert.Contains(steps, step => step.Text == "979 further policies do not match");
    }

    public static TheoryData<string, PolicyMatch> Reasons => new()
    {
        { "namespaces: shop matches sh*", new() { Namespaces = Names("other", "sh*") } },
        { "trustDomains: prod.example matches cluster.local", new() { TrustDomains = Names("cluster.local") } },
        { "serviceAccounts: shop/web is among [shop/cart, shop/web]", new() { ServiceAccounts = [new("shop", "cart"), new("shop", "web")] } },
        { "ipBlocks: 10.1.2.3 is in 10.0.0.0/8", new() { SourceNetworks = Networks("192.0.2.0/24", "10.0.0.0/8") } },
        { "remoteIpBlocks: 10.1.2.3 is in 10.1.2.3/32", new() { RemoteNetworks = Networks("10.1.2.3/32") } },
        { "destination.ip notValues: 10.0.0.7 is not among [192.0.2.0/24]", new() { NotDestinationNetworks = Networks("192.0.2.0/24") } },
        { "connection.sni notValues: there is no server name, so it is none of them", new() { NotServerNames = Names("*") } },
        { "ports: 8080 is among [1, 2, 3, 4, 5 and 2 more]", new() { Ports = [1, 2, 3, 4, 5, 6, 8080] } },
        { "ports: 8080 is among [8001, 8002, 8003, 8004, 8005 and many more]", new() { Ports = [.. Enumerable.Range(8001, 500)] } },
        { "notPrincipals: prod.example/ns/shop/sa/web matches none of [*/sa/cart]; ", new() { NotPrincipals = Names("*/sa/cart") } },
        { "the rule has no conditions and matches everything", null! },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void A_hit_is_described_by_the_fields_that_matched(string text, PolicyMatch? match)
    {
        var set = match is null ? Compiled(Deny("one", Rule()))
            : text.EndsWith("; ", StringComparison.Ordinal) ? Compiled(Deny("one", Rule(match, new PolicyMatch { NotPorts = [1] })))
            : Compiled(Deny("one", Rule(match)));
        Assert.StartsWith(text, set.Describe(set.Decide(_web).Verdict.By!, _web), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_is_not_there_and_an_ID_without_a_namespace_are_told_apart()
    {
        var set = Compiled(Deny("one", Rule(new PolicyMatch { NotNamespaces = Names("shop") })));
        Assert.Equal("notNamespaces: there is no verified peer, so it is none of them", Reason(From(null)));
        Assert.Equal("notNamespaces: there is no namespace in the peer's ID, so it is none of them", Reason(From("cluster.local/web")));

        string Reason(AccessRequest request) => set.Describe(set.Decide(request).Verdict.By!, request);
    }

    private static string Told(PolicySet set, AccessRequest request) => string.Join(
        '\n', set.Explain(request).Select(step => $"{new string(' ', 2 * step.Depth)}{step.Text}{(step.By is null ? "" : $" ({step.By.File}:{step.By.Line})")}"));
}
