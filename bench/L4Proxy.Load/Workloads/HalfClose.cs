using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Workloads;

/// <summary>The generator ends its direction first and then gets 64 KiB: wrong wherever a proxy takes the first end for the end of everything.</summary>
internal sealed class HalfClose : IWorkload
{
    private const int Concurrency = 16;
    private const int Count = 10_000;
    private const int AnswerSize = 64 * 1024;

    public string Name => "half-close";

    public string Title => "half-close, then 64 KiB answer, 16 at a time";

    public string Unit => "CPU µs/connection";

    public string RateUnit => "connections/s";

    public Goal? Goal => null;

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var rounds = Math.Max(1, (int)(Count * scale) / Concurrency);
        var sample = Meter.Measure(lane, rounds * Concurrency, 1e6, () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                Exchange(lane, Concurrency, verify: false);
            }
        });
        lane.WaitUntilQuiet();
        return sample;
    }

    internal static void Exchange(Lane lane, int concurrency, bool verify)
    {
        var header = new Header(Mode.AnswerAfterEnd, verify, AnswerSize);
        var all = Enumerable.Range(0, concurrency).Select(_ => new BulkStream(lane.Loop, lane.Target, header, 0)).ToArray();
        lane.RunUntil(() => Array.TrueForAll(all, stream => stream.Done), "answers after a half-close");
    }
}
