using System.Diagnostics;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>Closed loop: every connection sends its next message when it has the answer to the last.</summary>
internal sealed class RoundTrips(string name, string title, int size, int connections, int count) : IWorkload
{
    public string Name => name;

    public string Title => title;

    public string Unit => "CPU µs/round trip";

    public string RateUnit => "round trips/s";

    public Goal? Goal { get; init; } = new(0.95);

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var total = Math.Max(connections, (int)(count * scale));
        var histogram = new LatencyHistogram();
        var answered = 0;
        var talkers = Crowd.Gather(lane, connections, size, talker =>
        {
            var now = Stopwatch.GetTimestamp();
            histogram.RecordTicks(now - talker.StartedAt);
            if (++answered <= total - connections)
            {
                talker.Say(now);
            }
        });
        var sample = Meter.Measure(lane, total, 1e6, () =>
        {
            foreach (var talker in talkers)
            {
                talker.Say(Stopwatch.GetTimestamp());
            }
            lane.RunUntil(() => answered == total, "a run of round trips");
        });
        Crowd.Leave(lane, talkers);
        return sample with { Latency = histogram.Summary() };
    }
}
