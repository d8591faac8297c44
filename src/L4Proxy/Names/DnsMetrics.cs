using System.Diagnostics.Metrics;
using L4Proxy.Telemetry;

namespace L4Proxy.Names;

/// <summary>What is said in numbers about names.</summary>
internal static class DnsMetrics
{
    public static void AddTo(Instruments instruments, DnsEndpoints endpoints)
    {
        instruments.AddCounter("l4proxy_dns_lookups_total", null, "Look-ups of names that services have for endpoints, by how they ended.",
            () => Enum.GetValues<DnsResult>().Select(result =>
                new Measurement<long>(endpoints.Lookups(result), new KeyValuePair<string, object?>("result", result.Label()))));
        instruments.AddUpDownCounter("l4proxy_dns_names", null,
            "Names that services have for endpoints: fresh, stale (the last look-up failed, the last addresses are in use), or unresolved.",
            () => Enum.GetValues<NameState>().Select(state =>
                new Measurement<int>(endpoints.Names(state), new KeyValuePair<string, object?>("state", Label(state)))));
    }

    private static string Label(NameState state) => state switch
    {
        NameState.Fresh => "fresh",
        NameState.Stale => "stale",
        NameState.Unresolved => "unresolved",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "no label is known for this state"),
    };
}
