using System.Diagnostics;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Workloads;

/// <summary>Connect, one round trip of 128 bytes, end; a fixed number of visitors at a time.</summary>
internal sealed class ConnectClose(string name, string title, int concurrency, int count, Ending ending) : IWorkload
{
    private const int MessageSize = 128;

    public string Name => name;

    public string Title => title;

    public string Unit => "CPU µs/connection";

    public string RateUnit => "connections/s";

    public Goal? Goal { get; init; } = new(1.0);

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var total = Math.Max(concurrency, (int)(count * scale));
        var histogram = new LatencyHistogram();
        var sample = Meter.Measure(lane, total, 1e6, () => Visit(lane, total, histogram));
        lane.WaitUntilQuiet();
        return sample with { Latency = histogram.Summary() };
    }

    private void Visit(Lane lane, int total, LatencyHistogram histogram)
    {
        var message = Pattern.At(0, MessageSize).ToArray();
        new Header(Mode.Echo, Verify: false, MessageSize).Write(message);
        var begun = 0;
        var ended = 0;
        for (var i = 0; i < concurrency; i++)
        {
            Begin();
        }
        lane.RunUntil(() => ended == total, "a run of short connections");

        void Begin() => _ = new Visitor(lane.Loop, lane.Target, lane.Sources[begun++ % lane.Sources.Count], message, ending, Left);

        void Left(Visitor visitor)
        {
            histogram.RecordTicks(Stopwatch.GetTimestamp() - visitor.StartedAt);
            ended++;
            if (begun < total)
            {
                Begin();
            }
        }
    }
}
