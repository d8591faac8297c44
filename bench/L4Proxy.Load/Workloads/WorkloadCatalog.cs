using L4Proxy.Load.Generator;

namespace L4Proxy.Load.Workloads;

/// <summary>Every workload; amounts are such that a run takes one to two seconds on a small machine.</summary>
internal static class WorkloadCatalog
{
    // The peers' names begin so, whatever their buffers.
    private const string Haproxy = "haproxy";

    /// <summary>For single proxies that forward bytes as they are.</summary>
    internal static IReadOnlyList<IWorkload> Plaintext { get; } =
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
        new IdleHolders("idle", "idle connection, memory", 6000),
        new ConnectClose("connect-reset-16", "connect + round trip + reset, 16 at a time", 16, 15_000, Ending.Reset),
        new HalfClose(),
    ];

    /// <summary>For pairs of proxies with mutual TLS between them, both halves on the contender's core.</summary>
    internal static IReadOnlyList<IWorkload> MutualTls { get; } =
    [
        new Bulk("mtls-bulk-1", "mTLS pair: bulk up, 1 connection", 1, 1_000_000_000, 0) { Goal = new(0.85) },
        new Bulk("mtls-bulk-16", "mTLS pair: bulk up, 16 connections", 16, 1_000_000_000, 0) { Goal = new(0.85) },
        new Bulk("mtls-download-4", "mTLS pair: download, 4 connections", 4, 0, 1_000_000_000) { Goal = new(0.85) },
        new RoundTrips("mtls-rr-128", "mTLS pair: 128 B round trips, 64 connections", 128, 64, 40_000) { Goal = new(1.0) },
        new RoundTrips("mtls-rr-16k", "mTLS pair: 16 KiB round trips, 16 connections", 16 * 1024, 16, 25_000) { Goal = new(1.0) },
        new ConnectClose("mtls-connect-16", "mTLS pair: connect + full handshake + round trip + close, 16 at a time", 16, 1_200, Ending.Clean) { Goal = new(0.9, Haproxy) },
        // A TLS connection weighs fifty times as much as a plaintext one: fewer of them show it as well, and handshakes take time.
        new IdleHolders("mtls-idle", "mTLS pair: idle connection, memory of both proxies", 1200) { Goal = new(2.0) },
        // About half of what a pair on one core can do, so that queues come from handshakes and not from overload.
        new HandshakeStorm("mtls-storm", "mTLS pair: p99 of 128 B round trips at 2 000/s, 200 handshakes/s beside them", 200, 2_000, 5) { Goal = new(0.5, Haproxy) },
    ];

    internal static IReadOnlyList<IWorkload> All { get; } = [.. Plaintext, .. MutualTls];

    /// <summary>What runs when nothing is chosen: of plaintext all but the last two, which no goal is set for.</summary>
    internal static IReadOnlyList<string> Default { get; } =
        [.. Plaintext.Select(workload => workload.Name).Where(name => name is not ("connect-reset-16" or "half-close"))];

    /// <summary>The workloads of these names, in this order; the command line has already refused unknown ones.</summary>
    internal static IReadOnlyList<IWorkload> Choose(IEnumerable<string> names) => [.. names.Select(name => All.First(workload => workload.Name == name))];
}
