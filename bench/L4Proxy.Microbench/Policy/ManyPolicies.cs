using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Microbench.Policy;

/// <summary>1 000 policies of 10 rules each, all of which reach the workload: far more than anyone has, so that what grows shows.</summary>
internal static class ManyPolicies
{
    public const int Count = 1000;
    private const int RulesEach = 10;

    public static LocalWorkload Workload { get; } =
        new("shop", ImmutableSortedDictionary<string, string>.Empty, "istio-system", ["prod.example", "old.example"]);

    /// <summary>As people write them: rules name a principal, a service account, a namespace, a network or a port; every tenth policy denies.</summary>
    public static ImmutableArray<AuthorizationPolicy> Typical() => Made(Typical);

    /// <summary>Hardly an exact value: prefixes, suffixes, not-fields and wide networks, all on one port.</summary>
    public static ImmutableArray<AuthorizationPolicy> Wildcards() => Made(Wildcard);

    public static AuthorizationPolicy Policy(int number, Func<int, ImmutableArray<PolicyMatch>> rule) => new(
        new Origin(ResourceKind.AuthorizationPolicy, "shop", $"policy-{number}", "policies.yaml", 1),
        number % 10 == 0 ? PolicyAction.Deny : PolicyAction.Allow, WorkloadSelector.Everything,
        [.. Enumerable.Range(0, RulesEach).Select(index => new PolicyRule(index, 1, [.. rule((number * RulesEach) + index).Select(match => new PolicyClause([match]))]))]);

    public static ImmutableArray<PolicyMatch> Typical(int number) => (number % 5) switch
    {
        0 => [new() { Principals = Names($"cluster.local/ns/ns-{number % 499}/sa/sa-{number}") }, new() { Ports = [8080, 9090] }],
        1 => [new() { ServiceAccounts = [new($"ns-{number % 499}", $"sa-{number}")] }, new() { Ports = [8080] }],
        2 => [new() { Namespaces = Names($"ns-{number % 499}"), NotPrincipals = Names("*/sa/default") }, new() { Ports = [9000 + (number % 50)] }],
        3 => [new() { SourceNetworks = [Network(number)] }, new() { Ports = [8080] }],
        _ => [new() { Principals = Names($"partner-{number % 20}.example/*") }, new() { Ports = [8443], ServerNames = Names($"db-{number}.shop") }],
    };

    public static AccessRequest Request(string? peer, int port) => new(
        peer is null ? null : SpiffeId.TryParse(peer, out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(peer)),
        _peerAddress, _peerAddress, new IPEndPoint(IPAddress.Parse("10.244.7.7"), port), "cart.shop.svc.cluster.local");

    private static readonly IPAddress _peerAddress = IPAddress.Parse("10.244.3.4");

    private static ImmutableArray<AuthorizationPolicy> Made(Func<int, ImmutableArray<PolicyMatch>> rule) =>
        [.. Enumerable.Range(0, Count).Select(number => Policy(number, rule))];

    private static ImmutableArray<PolicyMatch> Wildcard(int number) => (number % 4) switch
    {
        0 => [new() { Principals = Names($"cluster.local/ns/team-{number}-*") }, new() { Ports = [8080] }],
        1 => [new() { Principals = Names($"*/sa/job-{number}") }, new() { Ports = [8080] }],
        2 => [new() { Namespaces = Names($"tenant-{number}*"), NotNamespaces = Names("*-test") }, new() { Ports = [8080] }],
        _ => [new() { RemoteNetworks = [new IPNetwork(new IPAddress([(byte)(11 + (number % 100)), (byte)(number / 100 % 2 * 128), 0, 0]), 9)], Ports = [8080] }],
    };

    private static IPNetwork Network(int number) => new(new IPAddress([172, (byte)(16 + (number / 256 % 16)), (byte)number, 0]), 24);

    private static ImmutableArray<TextPattern> Names(string name) => [TextPattern.Parse(name)];
}
