using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>Policies as a test writes them, for the workload <c>shop/cart</c> of a mesh whose trust domain is <c>prod.example</c>.</summary>
internal static class Written
{
    public static LocalWorkload Workload { get; } = new(
        "shop", ImmutableSortedDictionary<string, string>.Empty.Add("app", "cart").Add("version", "v1"), "istio-system", ["prod.example", "old.example"]);

    public static AuthorizationPolicy Allow(string name, params PolicyRule[] rules) => Policy(PolicyAction.Allow, name, rules);

    public static AuthorizationPolicy Deny(string name, params PolicyRule[] rules) => Policy(PolicyAction.Deny, name, rules);

    public static AuthorizationPolicy Audit(string name, params PolicyRule[] rules) => Policy(PolicyAction.Audit, name, rules);

    /// <param name="action">What it does.</param>
    /// <param name="name">With a namespace, else that of the workload.</param>
    /// <param name="rules">Numbered as they are given.</param>
    public static AuthorizationPolicy Policy(PolicyAction action, string name, params PolicyRule[] rules)
    {
        var (at, own) = name.Split('/') is [var first, var second] ? (first, second) : ("shop", name);
        var origin = new Origin(ResourceKind.AuthorizationPolicy, at, own, "policies.yaml", 10);
        return new(origin, action, WorkloadSelector.Everything, [.. rules.Select((rule, number) => rule with { Index = number, Line = 20 + number })]);
    }

    public static AuthorizationPolicy For(this AuthorizationPolicy policy, params (string Key, string Value)[] labels) =>
        policy with { Selector = Selector(labels) };

    public static WorkloadSelector Selector(params (string Key, string Value)[] labels) =>
        new(labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal));

    public static AuthorizationPolicy DryRun(this AuthorizationPolicy policy) => policy with { IsDryRun = true };

    /// <summary>A rule with a clause for each match.</summary>
    public static PolicyRule Rule(params PolicyMatch[] matches) => new(0, 20, [.. matches.Select(match => new PolicyClause([match]))]);

    public static PolicyRule Clauses(params PolicyClause[] clauses) => new(0, 20, [.. clauses]);

    public static PolicyClause Clause(params PolicyMatch[] matches) => new([.. matches]);

    public static ImmutableArray<TextPattern> Names(params string[] written) => [.. written.Select(TextPattern.Parse)];

    public static ImmutableArray<IPNetwork> Networks(params string[] written) => [.. written.Select(network => IPNetwork.Parse(network))];

    public static PolicySet Compiled(params AuthorizationPolicy[] policies) => PolicySet.Compile(policies, Workload);

    public static bool Allows(this PolicySet set, AccessRequest request) => set.Decide(request).IsAllowed;

    /// <summary>Whether a rule with one clause of one match matches.</summary>
    public static bool Matches(PolicyMatch match, AccessRequest request)
    {
        var denies = !Compiled(Deny("one", Rule(match))).Allows(request);
        // The same under ALLOW: there is one matcher.
        Assert.Equal(denies, Compiled(Allow("one", Rule(match))).Allows(request));
        return denies;
    }

    /// <param name="peer">Without scheme; null for plaintext.</param>
    /// <param name="source">Also who a PROXY header names, unless <paramref name="remote"/> does.</param>
    /// <param name="remote">Null: no PROXY header.</param>
    /// <param name="destination">Address.</param>
    /// <param name="port">Of the destination.</param>
    /// <param name="serverName">Null: none.</param>
    public static AccessRequest From(
        string? peer, string source = "10.1.2.3", string? remote = null, string destination = "10.0.0.7", int port = 8080, string? serverName = null)
    {
        var address = IPAddress.Parse(source);
        return new(
            peer is null ? null : Id(peer), address, remote is null ? address : IPAddress.Parse(remote), new IPEndPoint(IPAddress.Parse(destination), port), serverName);
    }

    public static SpiffeId Id(string principal) =>
        SpiffeId.TryParse($"spiffe://{principal}", out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(principal));
}
