using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Policy;

/// <summary>Turns rules into what is asked. For one set of policies: values that many rules share are kept once.</summary>
internal sealed class RuleCompiler(TrustDomainAliases aliases)
{
    private readonly Dictionary<(PolicyField, TextPattern), object> _names = [];
    private readonly Dictionary<int, int[]> _ports = [];
    private readonly ImmutableArray<MatchCondition>.Builder _conditions = ImmutableArray.CreateBuilder<MatchCondition>();

    public CompiledPolicy Compile(AuthorizationPolicy policy, ResourceScope scope)
    {
        var effect = policy.Action switch
        {
            PolicyAction.Deny => policy.IsDryRun ? RuleEffect.DryRunDeny : RuleEffect.Deny,
            PolicyAction.Allow => policy.IsDryRun ? RuleEffect.DryRunAllow : RuleEffect.Allow,
            _ => policy.IsDryRun ? RuleEffect.None : RuleEffect.Audit,
        };
        return new(policy, scope, [.. policy.Rules.Select(rule => Compile(policy, rule, effect))]);
    }

    /// <summary>The conditions of a match: cheap ones first, so that a match that fails does so early.</summary>
    public ImmutableArray<MatchCondition> Conditions(PolicyMatch match)
    {
        _conditions.Clear();
        Ports(match.Ports, isNot: false);
        Ports(match.NotPorts, isNot: true);
        Names(PolicyField.ServiceAccounts, Paths(match.ServiceAccounts), isNot: false, match.ServiceAccounts.Length);
        Names(PolicyField.Principals, match.Principals, isNot: false);
        Names(PolicyField.Namespaces, match.Namespaces, isNot: false);
        Names(PolicyField.TrustDomains, match.TrustDomains, isNot: false);
        Names(PolicyField.ServerNames, match.ServerNames, isNot: false);
        Networks(PolicyField.SourceNetworks, match.SourceNetworks, isNot: false);
        Networks(PolicyField.RemoteNetworks, match.RemoteNetworks, isNot: false);
        Networks(PolicyField.DestinationNetworks, match.DestinationNetworks, isNot: false);
        Names(PolicyField.ServiceAccounts, Paths(match.NotServiceAccounts), isNot: true, match.NotServiceAccounts.Length);
        Names(PolicyField.Principals, match.NotPrincipals, isNot: true);
        Names(PolicyField.Namespaces, match.NotNamespaces, isNot: true);
        Names(PolicyField.TrustDomains, match.NotTrustDomains, isNot: true);
        Names(PolicyField.ServerNames, match.NotServerNames, isNot: true);
        Networks(PolicyField.SourceNetworks, match.NotSourceNetworks, isNot: true);
        Networks(PolicyField.RemoteNetworks, match.NotRemoteNetworks, isNot: true);
        Networks(PolicyField.DestinationNetworks, match.NotDestinationNetworks, isNot: true);
        return _conditions.ToImmutable();
    }

    private CompiledRule Compile(AuthorizationPolicy policy, PolicyRule rule, RuleEffect effect)
    {
        var clauses = ImmutableArray.CreateBuilder<ImmutableArray<CompiledMatch>>(rule.Clauses.Length);
        foreach (var clause in rule.Clauses)
        {
            if (!clause.Matches.IsEmpty)
            {
                clauses.Add(ImmutableArray.CreateRange(clause.Matches, match => new CompiledMatch(match, Conditions(match))));
            }
        }
        var hit = new PolicyHit(policy, rule);
        return hit.Compiled = new(hit, effect, clauses.DrainToImmutable());
    }

    // What cannot be the name of a service account stands for nobody: a slash would reach into another form of ID.
    private static ImmutableArray<TextPattern> Paths(ImmutableArray<ServiceAccount> accounts) => accounts.IsEmpty ? [] :
    [
        .. from account in accounts
           where account is { Namespace.Length: > 0, Name.Length: > 0 } && !account.Namespace.Contains('/') && !account.Name.Contains('/')
           select new TextPattern(PatternKind.Exact, SpiffeId.KubernetesPath(account.Namespace, account.Name)),
    ];

    private void Names(PolicyField field, ImmutableArray<TextPattern> values, bool isNot, int? written = null)
    {
        if ((written ?? values.Length) > 0)
        {
            _conditions.Add(new(field, isNot, values.Length == 1 ? Shared(field, values[0]) : Set(field, values)));
        }
    }

    private object Shared(PolicyField field, TextPattern value) =>
        _names.TryGetValue((field, value), out var set) ? set : _names[(field, value)] = Set(field, [value]);

    private object Set(PolicyField field, ImmutableArray<TextPattern> values) => field switch
    {
        PolicyField.Principals => new PrincipalSet(values, aliases),
        PolicyField.TrustDomains => new NameSet([.. values.Where(Possible), .. Aliases(values)]),
        _ => new NameSet([.. values.Where(Possible)]),
    };

    // An empty value is nobody's name; only paths, which are made here, may be empty.
    private static bool Possible(TextPattern value) => value is not { Kind: PatternKind.Exact, Text.Length: 0 };

    // A peer of one of our trust domains is asked for by one name.
    private TextPattern[] Aliases(ImmutableArray<TextPattern> values) =>
        values.Any(aliases.SomeMatches) ? [new TextPattern(PatternKind.Exact, TrustDomainAliases.Pointer)] : [];

    private void Networks(PolicyField field, ImmutableArray<IPNetwork> values, bool isNot)
    {
        if (!values.IsEmpty)
        {
            _conditions.Add(new(field, isNot, new NetworkSet([.. values.Select(NetworkBits.Of)])));
        }
    }

    private void Ports(ImmutableArray<int> values, bool isNot)
    {
        if (!values.IsEmpty)
        {
            _conditions.Add(new(PolicyField.Ports, isNot, values.Length == 1 ? Shared(values[0]) : [.. values.Order()]));
        }
    }

    private int[] Shared(int port) => _ports.TryGetValue(port, out var set) ? set : _ports[port] = [port];
}
