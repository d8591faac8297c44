using L4Proxy.Load.Certificates;

namespace L4Proxy.Load.Contenders;

/// <summary>The names users may give to <c>--contenders</c>.</summary>
internal static class ContenderCatalog
{
    /// <summary>No proxy at all: what the load loop itself can do.</summary>
    internal const string Direct = "direct";

    /// <summary>The one the goals are for.</summary>
    internal const string L4Proxy = "l4proxy";

    /// <summary>Two of them with mutual TLS between.</summary>
    internal const string L4ProxyPair = "l4proxy-mtls";

    /// <summary>
    /// The goals are set against peers as an operator would run them. Forced splicing is shown beside them and not counted: it wins
    /// streams and costs half as much again on small messages, so nobody runs it for both.
    /// </summary>
    internal static bool CountsForGoals(string contender) => !contender.StartsWith("haproxy-splice-always", StringComparison.Ordinal);

    /// <summary>Single proxies that forward bytes as they are.</summary>
    internal static IReadOnlyList<string> Names { get; } = [L4Proxy, "haproxy-splice", "haproxy-64k", "haproxy-splice-always", "nginx", Direct];

    /// <summary>Pairs of proxies with mutual TLS between them.</summary>
    internal static IReadOnlyList<string> Pairs { get; } = [L4ProxyPair, "haproxy-mtls", "haproxy-mtls-64k", "nginx-mtls", Direct];

    /// <summary>One chain per name; a name given twice becomes a second instance, which is how noise is measured.</summary>
    internal static IReadOnlyList<Chain> Create(IEnumerable<string> names, string l4proxyPath, MeshCredentials mesh)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. names.Where(name => name != Direct).Select(name => Create(name, Numbered(name), Path.GetFullPath(l4proxyPath), mesh))];

        string Numbered(string name)
        {
            seen[name] = seen.GetValueOrDefault(name) + 1;
            return seen[name] == 1 ? name : $"{name}-{seen[name]}";
        }
    }

    private static Chain Create(string kind, string name, string l4proxyPath, MeshCredentials mesh) => kind switch
    {
        L4Proxy => new(name, [new L4ProxyContender(name, l4proxyPath)]),
        "haproxy-splice" => new(name, [HaproxyContender.Splice(name)]),
        "haproxy-64k" => new(name, [HaproxyContender.LargeBuffers(name)]),
        "haproxy-splice-always" => new(name, [HaproxyContender.SpliceAlways(name)]),
        "nginx" => new(name, [new NginxContender(name)]),
        L4ProxyPair => L4ProxyContender.Pair(name, l4proxyPath, mesh),
        "haproxy-mtls" => HaproxyContender.Pair(name, "default buffers", "", mesh),
        "haproxy-mtls-64k" => HaproxyContender.Pair(name, "tune.bufsize 65536", "tune.bufsize 65536", mesh),
        "nginx-mtls" => NginxContender.Pair(name, mesh),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "the command line refuses unknown contenders"),
    };
}
