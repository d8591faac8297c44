using System.Diagnostics.Metrics;
using L4Proxy.Core.Resources;
using L4Proxy.Telemetry;

namespace L4Proxy.Resources;

/// <summary>What is said in numbers about the resources in force and the files they come from.</summary>
internal static class ResourceMetrics
{
    public static void AddTo(Instruments instruments, FileMeshSource source)
    {
        instruments.AddGauge("l4proxy_resources", null, "Resources in force.", () => Counts(source));
        instruments.AddGauge("l4proxy_resource_warnings", null,
            "Doubtful places in the resources in force, each said in the log when they were loaded.", () => source.InForce?.Set.Warnings.Length ?? 0);
        instruments.AddCounter("l4proxy_resources_reloads_total", null, "Sets of resources judged, the first included.", () => Reloads(source));
        instruments.AddGauge("l4proxy_resources_last_reload_success", null,
            "1 if the resources in force are those in the files, 0 if these were refused.", () => source.IsUpToDate ? 1 : 0);
    }

    private static IEnumerable<Measurement<long>> Counts(FileMeshSource source) => Enum.GetValues<ResourceKind>().Select(kind =>
        new Measurement<long>(source.InForce?.Set.Count(kind) ?? 0, new KeyValuePair<string, object?>("kind", Enum.GetName(kind))));

    private static IEnumerable<Measurement<long>> Reloads(FileMeshSource source) =>
    [
        new(source.Applied, new KeyValuePair<string, object?>("result", "applied")),
        new(source.Rejected, new KeyValuePair<string, object?>("result", "rejected")),
    ];
}
