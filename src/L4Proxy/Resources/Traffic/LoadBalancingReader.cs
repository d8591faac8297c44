using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary><c>loadBalancer</c>.</summary>
internal static class LoadBalancingReader
{
    private static readonly Dictionary<string, LoadBalancer> _simple = new(StringComparer.Ordinal)
    {
        ["UNSPECIFIED"] = LoadBalancer.LeastConnection,
        ["LEAST_REQUEST"] = LoadBalancer.LeastConnection,
        ["LEAST_CONN"] = LoadBalancer.LeastConnection,
        ["ROUND_ROBIN"] = LoadBalancer.RoundRobin,
        ["RANDOM"] = LoadBalancer.Random,
        ["PASSTHROUGH"] = LoadBalancer.Passthrough,
    };

    public static LoadBalancing Read(Section section)
    {
        const string NoWarmup = "slow start is not supported: an endpoint gets its share at once; remove it";
        section.Refuse("warmup", NoWarmup);
        section.Refuse("warmupDurationSecs", NoWarmup);
        if (section.Has("simple") && section.Has("consistentHash"))
        {
            section.Fail("consistentHash", "cannot stand beside simple; keep one of them");
        }
        var algorithm = section.Value("simple", LoadBalancer.LeastConnection, text => WordText.OneOf(text, _simple));
        algorithm = section.Inner("consistentHash", algorithm, Hash);
        var (isAware, failover) = section.Inner("localityLbSetting", (true, NoFailover), Locality);
        return new LoadBalancing(algorithm, isAware, failover, section.Position.Line);
    }

    private static ImmutableDictionary<string, string> NoFailover { get; } = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    private static LoadBalancer Hash(Section section)
    {
        const string Http = "looks into HTTP, which is never parsed here; write useSourceIp: true";
        section.Refuse("httpHeaderName", Http);
        section.Refuse("httpCookie", Http);
        section.Refuse("httpQueryParameterName", Http);
        foreach (var key in (ReadOnlySpan<string>)["ringHash", "maglev", "minimumRingSize"])
        {
            if (section.Has(key))
            {
                section.Warn(key, "has no effect: there is one kind of hash, and its table is as large as it must be; remove it");
            }
        }
        var isBySource = section.Value("useSourceIp", fallback: false, ScalarText.Switch);
        if (!isBySource && !section.Has("httpHeaderName") && !section.Has("httpCookie") && !section.Has("httpQueryParameterName"))
        {
            section.Fail("useSourceIp", "is not set, and nothing else can be hashed at layer 4; write useSourceIp: true");
        }
        return LoadBalancer.SourceHash;
    }

    private static (bool IsAware, ImmutableDictionary<string, string> Failover) Locality(Section section)
    {
        section.Refuse("distribute", "shares between localities are not supported; remove it, or use failover");
        section.Refuse("failoverPriority", "priorities by label are not supported; remove it, or use failover");
        var failover = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        section.InnerList("failover", broken: false, entry =>
        {
            var from = entry.Required("from", "", "region-a", Region);
            var to = entry.Required("to", "", "region-b", Region);
            if (from.Length > 0 && from == to)
            {
                entry.Fail("to", $"'{to}' is where it comes from; name another region");
            }
            else if (from.Length > 0 && !failover.TryAdd(from, to))
            {
                entry.Fail("from", $"'{from}' has a failover already; keep one of them");
            }
            return true;
        });
        return (section.Value("enabled", fallback: true, ScalarText.Switch), failover.ToImmutable());
    }

    private static string Region(string text) => text.Length > 0 && !text.Contains('/', StringComparison.Ordinal)
        ? WorkloadText.Locality(text) : throw new FormatException($"'{text}' is not a region; write its name without zone");
}
