using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Tests.Policy;

/// <summary>The semantics written down a second time, as slowly and plainly as can be: what the compiled matcher is measured against.</summary>
internal sealed class ReferenceEvaluator(IEnumerable<AuthorizationPolicy> policies, LocalWorkload workload)
{
    private readonly List<AuthorizationPolicy> _policies =
    [
        .. policies.Where(policy => policy.Selector.ScopeFor(policy.Origin.Namespace, workload) is not null)
            .OrderBy(policy => policy.Selector.ScopeFor(policy.Origin.Namespace, workload))
            .ThenBy(policy => policy.Origin.Id, StringComparer.Ordinal),
    ];

    private readonly string[] _aliases = [.. workload.TrustDomains, "cluster.local"];

    /// <summary>Reason and rule of the verdict, of that with dry run, and the audit mark.</summary>
    public string Decide(AccessRequest request)
    {
        var enforced = _policies.Where(policy => !policy.IsDryRun).ToList();
        return $"{Verdict(enforced, request)}, {Verdict(_policies, request)}, {First(enforced, PolicyAction.Audit, request)}";
    }

    public static string Told(AccessDecision decision) =>
        $"{Told(decision.Verdict)}, {Told(decision.WithDryRun)}, {decision.Audit?.Id}";

    private static string Told(AccessVerdict verdict) => $"{verdict.Reason} {verdict.By?.Id}";

    private string Verdict(List<AuthorizationPolicy> policies, AccessRequest request)
    {
        if (First(policies, PolicyAction.Deny, request) is { } deny)
        {
            return $"{AccessReason.DenyMatched} {deny}";
        }
        if (policies.TrueForAll(policy => policy.Action != PolicyAction.Allow))
        {
            return $"{AccessReason.NoAllowPolicy} ";
        }
        return First(policies, PolicyAction.Allow, request) is { } allow ? $"{AccessReason.AllowMatched} {allow}" : $"{AccessReason.NoAllowMatched} ";
    }

    private string? First(List<AuthorizationPolicy> policies, PolicyAction action, AccessRequest request)
    {
        foreach (var policy in policies.Where(policy => policy.Action == action))
        {
            foreach (var rule in policy.Rules.Where(rule => rule.Clauses.All(clause => Holds(clause, request))))
            {
                return $"{policy.Origin.Namespace}/{policy.Origin.Name}#{rule.Index}";
            }
        }
        return null;
    }

    private bool Holds(PolicyClause clause, AccessRequest request) => clause.Matches.IsEmpty || clause.Matches.Any(match => Holds(match, request));

    private bool Holds(PolicyMatch match, AccessRequest request)
    {
        var path = request.Peer?.ToString()["spiffe://".Length..] is { } text ? text[(text + "/").IndexOf('/')..] : "";
        var domain = request.Peer?.TrustDomain.Name;
        string[] domains = domain is null ? [] : _aliases.Contains(domain) ? _aliases : [domain];
        string[] parts = path.Split('/');
        var isAccount = parts.Length == 5 && parts[1] == "ns" && parts[3] == "sa";
        string[] principals = [.. domains.Select(name => name + path)];
        string[] names = isAccount ? [parts[2]] : [];
        string[] accounts = isAccount ? [$"{parts[2]}/{parts[4]}"] : [];
        string[] serverNames = string.IsNullOrEmpty(request.ServerName) ? [] : [request.ServerName];
        bool?[] fields =
        [
            Among(match.Principals, principals), Not(Among(match.NotPrincipals, principals)),
            Among(match.Namespaces, names), Not(Among(match.NotNamespaces, names)),
            Among(match.ServiceAccounts, accounts), Not(Among(match.NotServiceAccounts, accounts)),
            Among(match.TrustDomains, domains), Not(Among(match.NotTrustDomains, domains)),
            Among(match.ServerNames, serverNames), Not(Among(match.NotServerNames, serverNames)),
            Among(match.SourceNetworks, request.Source), Not(Among(match.NotSourceNetworks, request.Source)),
            Among(match.RemoteNetworks, request.Remote), Not(Among(match.NotRemoteNetworks, request.Remote)),
            Among(match.DestinationNetworks, request.Destination.Address), Not(Among(match.NotDestinationNetworks, request.Destination.Address)),
            match.Ports.IsEmpty ? null : match.Ports.Contains(request.Destination.Port),
            match.NotPorts.IsEmpty ? null : !match.NotPorts.Contains(request.Destination.Port),
        ];
        return fields.Any(field => field is not null) && fields.All(field => field != false);
    }

    private static bool? Not(bool? holds) => !holds;

    private static bool? Among(ImmutableArray<TextPattern> patterns, string[] values) => patterns.IsEmpty ? null : values.Any(value => patterns.Any(pattern => pattern.Kind switch
    {
        PatternKind.Exact => value == pattern.Text,
        PatternKind.Prefix => value.StartsWith(pattern.Text, StringComparison.Ordinal),
        PatternKind.Suffix => value.EndsWith(pattern.Text, StringComparison.Ordinal),
        _ => value.Length > 0,
    }));

    private static bool? Among(ImmutableArray<ServiceAccount> accounts, string[] values) =>
        accounts.IsEmpty ? null : accounts.Any(account => values.Contains($"{account.Namespace}/{account.Name}"));

    private static bool? Among(ImmutableArray<IPNetwork> networks, IPAddress address) => networks.IsEmpty ? null : networks.Any(network => Contains(network, address));

    private static bool Contains(IPNetwork network, IPAddress address)
    {
        var unmapped = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= 96
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - 96).Contains(unmapped)
            : network.Contains(unmapped);
    }
}
