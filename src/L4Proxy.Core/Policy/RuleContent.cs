using System.Collections.Immutable;

namespace L4Proxy.Core.Policy;

/// <summary>Two rules are the same when they do the same to the same connections by the same words; where they were written does not count.</summary>
internal sealed class RuleContent : IEqualityComparer<CompiledRule>
{
    public static RuleContent Comparer { get; } = new();

    public bool Equals(CompiledRule? x, CompiledRule? y) => ReferenceEquals(x, y)
        || (x is not null && y is not null && x.Effect == y.Effect
            && Same(x.Hit.Rule.Clauses, y.Hit.Rule.Clauses, (one, other) => Same(one.Matches, other.Matches, Same)));

    // Matches begin with different values, if they differ at all: enough to tell most apart.
    public int GetHashCode(CompiledRule obj)
    {
        var hash = new HashCode();
        hash.Add(obj.Effect);
        foreach (var clause in obj.Hit.Rule.Clauses)
        {
            hash.Add(clause.Matches.Length);
            foreach (var match in clause.Matches)
            {
                hash.Add(match.Principals.FirstOrDefault());
                hash.Add(match.Namespaces.FirstOrDefault());
                hash.Add(match.ServiceAccounts.FirstOrDefault());
                hash.Add(match.SourceNetworks.FirstOrDefault());
                hash.Add(match.Ports.FirstOrDefault());
            }
        }
        return hash.ToHashCode();
    }

    private static bool Same(PolicyMatch x, PolicyMatch y) =>
        Same(x.Principals, y.Principals) && Same(x.NotPrincipals, y.NotPrincipals)
        && Same(x.Namespaces, y.Namespaces) && Same(x.NotNamespaces, y.NotNamespaces)
        && Same(x.ServiceAccounts, y.ServiceAccounts) && Same(x.NotServiceAccounts, y.NotServiceAccounts)
        && Same(x.TrustDomains, y.TrustDomains) && Same(x.NotTrustDomains, y.NotTrustDomains)
        && Same(x.SourceNetworks, y.SourceNetworks) && Same(x.NotSourceNetworks, y.NotSourceNetworks)
        && Same(x.RemoteNetworks, y.RemoteNetworks) && Same(x.NotRemoteNetworks, y.NotRemoteNetworks)
        && Same(x.DestinationNetworks, y.DestinationNetworks) && Same(x.NotDestinationNetworks, y.NotDestinationNetworks)
        && Same(x.Ports, y.Ports) && Same(x.NotPorts, y.NotPorts)
        && Same(x.ServerNames, y.ServerNames) && Same(x.NotServerNames, y.NotServerNames);

    private static bool Same<TValue>(ImmutableArray<TValue> x, ImmutableArray<TValue> y)
        where TValue : struct => x.AsSpan().SequenceEqual(y.AsSpan());

    private static bool Same<TPart>(ImmutableArray<TPart> x, ImmutableArray<TPart> y, Func<TPart, TPart, bool> same)
    {
        if (x.Length != y.Length)
        {
            return false;
        }
        for (var place = 0; place < x.Length; place++)
        {
            if (!same(x[place], y[place]))
            {
                return false;
            }
        }
        return true;
    }
}
