namespace L4Proxy.Load.Contenders;

/// <summary>The names users may give to <c>--contenders</c>.</summary>
internal static class ContenderCatalog
{
    /// <summary>No proxy at all: what the load loop itself can do.</summary>
    internal const string Direct = "direct";

    private const string Again = "-again";

    internal static IReadOnlyList<string> Names { get; } = ["l4proxy", "haproxy-splice", "haproxy-64k", "haproxy-splice-always", "nginx", Direct];

    /// <summary>One contender per name; a name given twice becomes a second instance, which is how noise is measured.</summary>
    internal static IReadOnlyList<IContender> Create(IEnumerable<string> names, string l4proxyPath)
    {
        List<IContender> contenders = [];
        foreach (var name in names.Where(name => name != Direct))
        {
            var seen = contenders.Count(contender => contender.Name == name || contender.Name.StartsWith(name + Again, StringComparison.Ordinal));
            contenders.Add(Create(name, seen == 0 ? name : $"{name}{Again}{seen + 1}", l4proxyPath));
        }
        return contenders;
    }

    private static IContender Create(string kind, string name, string l4proxyPath) => kind switch
    {
        "l4proxy" => new L4ProxyContender(name, Path.GetFullPath(l4proxyPath)),
        "haproxy-splice" => HaproxyContender.Splice(name),
        "haproxy-64k" => HaproxyContender.LargeBuffers(name),
        "haproxy-splice-always" => HaproxyContender.SpliceAlways(name),
        "nginx" => new NginxContender(name),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "the command line refuses unknown contenders"),
    };
}
