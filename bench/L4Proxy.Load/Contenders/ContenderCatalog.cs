namespace L4Proxy.Load.Contenders;

/// <summary>The names users may give to <c>--contenders</c>.</summary>
internal static class ContenderCatalog
{
    /// <summary>No proxy at all: what the load loop itself can do.</summary>
    internal const string Direct = "direct";

    /// <summary>The one the goals are for.</summary>
    internal const string L4Proxy = "l4proxy";

    /// <summary>
    /// The goals are set against peers as an operator would run them. Forced splicing is shown beside them and not counted: it wins
    /// streams and costs half as much again on small messages, so nobody runs it for both.
    /// </summary>
    internal static bool CountsForGoals(string contender) => !contender.StartsWith("haproxy-splice-always", StringComparison.Ordinal);

    internal static IReadOnlyList<string> Names { get; } = [L4Proxy, "haproxy-splice", "haproxy-64k", "haproxy-splice-always", "nginx", Direct];

    /// <summary>One contender per name; a name given twice becomes a second instance, which is how noise is measured.</summary>
    internal static IReadOnlyList<IContender> Create(IEnumerable<string> names, string l4proxyPath)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. names.Where(name => name != Direct).Select(name => Create(name, Numbered(name), l4proxyPath))];

        string Numbered(string name)
        {
            seen[name] = seen.GetValueOrDefault(name) + 1;
            return seen[name] == 1 ? name : $"{name}-{seen[name]}";
        }
    }

    private static IContender Create(string kind, string name, string l4proxyPath) => kind switch
    {
        L4Proxy => new L4ProxyContender(name, Path.GetFullPath(l4proxyPath)),
        "haproxy-splice" => HaproxyContender.Splice(name),
        "haproxy-64k" => HaproxyContender.LargeBuffers(name),
        "haproxy-splice-always" => HaproxyContender.SpliceAlways(name),
        "nginx" => new NginxContender(name),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "the command line refuses unknown contenders"),
    };
}
