using System.Diagnostics;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;

namespace L4Proxy.Load.Workloads;

/// <summary>
/// Open loop: messages at a fixed rate, whatever the answers do. A message that finds no free connection waits, and its latency counts
/// from the moment it was due, so a stall shows in every message it delayed (no coordinated omission).
/// </summary>
internal sealed class OpenLoop(string name, string title, int size, int connections, int perSecond, double seconds) : IWorkload
{
    public string Name => name;

    public string Title => title;

    public string Unit => "CPU µs/round trip";

    public string RateUnit => "round trips/s";

    public double? Goal => null;

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var total = (int)(perSecond * seconds * scale);
        var interval = Stopwatch.Frequency / (double)perSecond;
        var histogram = new LatencyHistogram();
        var free = new Stack<Talker>();
        var waiting = new Queue<long>();
        var answered = 0;
        var talkers = Crowd.Gather(lane, connections, size, talker =>
        {
            histogram.RecordTicks(Stopwatch.GetTimestamp() - talker.StartedAt);
            answered++;
            if (waiting.TryDequeue(out var due))
            {
                talker.Say(due);
            }
            else
            {
                free.Push(talker);
            }
        });
        talkers.ForEach(free.Push);
        var sample = Meter.Measure(lane, total, 1e6, () =>
        {
            var start = Stopwatch.GetTimestamp();
            var sent = 0;
            lane.Loop.OnWake = () =>
            {
                for (var now = Stopwatch.GetTimestamp(); sent < total && Due(sent) <= now; sent++)
                {
                    if (free.TryPop(out var talker))
                    {
                        talker.Say(Due(sent));
                    }
                    else
                    {
                        waiting.Enqueue(Due(sent));
                    }
                }
                lane.Loop.WakeAt = sent < total ? Due(sent) : long.MaxValue;
            };
            lane.Loop.WakeAt = start;
            lane.RunUntil(() => answered == total, "an open-loop run");

            long Due(int message) => start + (long)(message * interval);
        });
        lane.Loop.WakeAt = long.MaxValue;
        Crowd.Leave(lane, talkers);
        return sample with { Latency = histogram.Summary() };
    }
}
