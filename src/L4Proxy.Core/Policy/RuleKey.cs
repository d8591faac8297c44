namespace L4Proxy.Core.Policy;

/// <summary>The table of an index that a value stands in.</summary>
internal enum KeyTable : byte
{
    /// <summary>Paths of IDs: principals of our trust domains, service accounts of any.</summary>
    Paths,

    /// <summary>IDs of other trust domains.</summary>
    Texts,
    Namespaces,
    TrustDomains,
    ServerNames,
    SourceNetworks,
    RemoteNetworks,
    DestinationNetworks,
    Ports,
}

/// <summary>A value by which a rule can be found. One of the three it holds counts, by the table.</summary>
internal readonly record struct RuleKey(KeyTable Table, TextPattern Name, NetworkBits Network, int Port)
{
    // A /0 is no help, and neither is 10.0.0.0/8 much: most peers are in it.
    private const int WideV4 = 16;
    private const int WideV6 = 48;

    /// <summary>
    /// How many connections ask for such a value, roughly and relative to others: nearly all peers share one trust domain and a few
    /// ports, each has its own principal.
    /// </summary>
    public int Weight => Table switch
    {
        KeyTable.TrustDomains => 16,
        KeyTable.Ports => 8,
        KeyTable.SourceNetworks or KeyTable.RemoteNetworks or KeyTable.DestinationNetworks =>
            Network.Length < (Network.IsV4 ? WideV4 : WideV6) ? 12 : 3,
        KeyTable.Namespaces => 2,
        _ => Name.Kind == PatternKind.Exact ? 1 : 4,
    };

    /// <summary>The values of a condition.</summary>
    /// <param name="condition">Of a match.</param>
    /// <param name="keys">Are added to.</param>
    /// <returns>False when a connection may meet the condition without having any of them.</returns>
    public static bool TryAdd(MatchCondition condition, List<RuleKey> keys) => !condition.IsNot && condition.Field switch
    {
        PolicyField.Principals => TryAdd((PrincipalSet)condition.Set, keys),
        PolicyField.Namespaces => TryAdd(KeyTable.Namespaces, (NameSet)condition.Set, keys),
        PolicyField.ServiceAccounts => TryAdd(KeyTable.Paths, (NameSet)condition.Set, keys),
        PolicyField.TrustDomains => TryAdd(KeyTable.TrustDomains, (NameSet)condition.Set, keys),
        PolicyField.ServerNames => TryAdd(KeyTable.ServerNames, (NameSet)condition.Set, keys),
        PolicyField.SourceNetworks => TryAdd(KeyTable.SourceNetworks, (NetworkSet)condition.Set, keys),
        PolicyField.RemoteNetworks => TryAdd(KeyTable.RemoteNetworks, (NetworkSet)condition.Set, keys),
        PolicyField.DestinationNetworks => TryAdd(KeyTable.DestinationNetworks, (NetworkSet)condition.Set, keys),
        _ => TryAdd((int[])condition.Set, keys),
    };

    private static bool TryAdd(PrincipalSet set, List<RuleKey> keys) =>
        TryAdd(KeyTable.Paths, set.Paths, keys) && TryAdd(KeyTable.Texts, set.Texts, keys);

    private static bool TryAdd(KeyTable table, NameSet set, List<RuleKey> keys)
    {
        foreach (var pattern in set.Patterns)
        {
            keys.Add(new(table, pattern, default, 0));
        }
        return !set.MatchesAll;
    }

    private static bool TryAdd(KeyTable table, NetworkSet set, List<RuleKey> keys)
    {
        foreach (var network in set.Networks)
        {
            keys.Add(new(table, default, network, 0));
        }
        return !Array.Exists(set.Networks, network => network.Length == 0);
    }

    private static bool TryAdd(int[] ports, List<RuleKey> keys)
    {
        foreach (var port in ports)
        {
            keys.Add(new(KeyTable.Ports, default, default, port));
        }
        return true;
    }
}
