using System.Diagnostics;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>Round trips at a fixed rate, whatever the answers do.</summary>
internal sealed class OpenLoop(string name, string title, int size, int connections, int perSecond, double seconds) : IWorkload
{
    public string Name => name;

    public string Title => title;

    public string Unit => "CPU µs/round trip";

    public string RateUnit => "round trips/s";

    public Goal? Goal => null;

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var total = (int)(perSecond * seconds * scale);
        var messages = new PacedTalkers(total, perSecond);
        var talkers = Crowd.Gather(lane, connections, size, messages.Answered);
        talkers.ForEach(messages.Add);
        var sample = Meter.Measure(lane, total, 1e6, () =>
        {
            var start = Stopwatch.GetTimestamp();
            lane.Loop.OnWake = () => lane.Loop.WakeAt = messages.SendDue(start);
            lane.Loop.WakeAt = start;
            lane.RunUntil(() => messages.Done, "an open-loop run");
        });
        lane.Loop.WakeAt = long.MaxValue;
        Crowd.Leave(lane, talkers);
        return sample with { Latency = messages.Latency };
    }
}
