using System.Diagnostics;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Workloads;

namespace L4Proxy.Load.Running;

/// <summary>Load before the first counted run: a tiering JIT needs to have seen every path often, and everyone gets the same.</summary>
internal static class WarmUp
{
    private const double Slice = 0.1;

    internal static void Run(Lane lane, TimeSpan duration)
    {
        IWorkload[] mix =
        [
            new RoundTrips("", "", 128, 16, 20_000),
            new ConnectClose("", "", 16, 10_000, Ending.Clean),
            new RoundTrips("", "", 16 * 1024, 4, 10_000),
            new Bulk("", "", 2, 500_000_000, 500_000_000),
        ];
        var clock = Stopwatch.StartNew();
        for (var i = 0; clock.Elapsed < duration; i++)
        {
            _ = mix[i % mix.Length].Run(lane, Slice);
        }
    }
}
