using L4Proxy.Load.Generator;

namespace L4Proxy.Load.Workloads;

/// <summary>Every workload; amounts are such that a run takes one to two seconds on a small machine.</summary>
internal static class WorkloadCatalog
{
    internal static IReadOnlyList<IWorkload> All { get; } =
    [
        new Bulk("bulk-1", "bulk up, 1 connection", 1, 4_000_000_000, 0),
        new Bulk("bulk-16", "bulk up, 16 connections", 16, 4_000_000_000, 0),
        new Bulk("download-4", "download, 4 connections", 4, 0, 4_000_000_000),
        new Bulk("duplex-1", "both directions at once, 1 connection", 1, 2_000_000_000, 2_000_000_000),
        new RoundTrips("rr-128", "128 B round trips, 64 connections", 128, 64, 80_000),
        new RoundTrips("rr-16k", "16 KiB round trips, 16 connections", 16 * 1024, 16, 60_000),
        new ConnectClose("connect-16", "connect + round trip + close, 16 at a time", 16, 15_000, Ending.Clean),
        new ConnectClose("connect-64", "connect + round trip + close, 64 at a time", 64, 15_000, Ending.Clean),
        new OpenLoop("open-128", "128 B round trips at 10 000/s, 64 connections", 128, 64, 10_000, 2),
        new IdleHolders(),
        new ConnectClose("connect-reset-16", "connect + round trip + reset, 16 at a time", 16, 15_000, Ending.Reset),
        new HalfClose(),
    ];

    /// <summary>What runs when nothing is chosen: all but the last two, which no goal is set for.</summary>
    internal static IReadOnlyList<string> Default { get; } =
        [.. All.Where(workload => workload.Name is not ("connect-reset-16" or "half-close")).Select(workload => workload.Name)];

    /// <summary>The workloads of these names, in this order; the command line has already refused unknown ones.</summary>
    internal static IReadOnlyList<IWorkload> Choose(IEnumerable<string> names) => [.. names.Select(name => All.First(workload => workload.Name == name))];
}
