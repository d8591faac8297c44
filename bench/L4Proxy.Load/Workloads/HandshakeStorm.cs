using System.Diagnostics;
using L4Proxy.Load.Generator;
using L4Proxy.Load.Measuring;
using L4Proxy.Load.Running;
using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Workloads;

/// <summary>
/// Round trips at a fixed rate on kept connections while new ones come, say a message and go: what a rollout beside a busy service does.
/// Its cost is the p99 of the kept connections' round trips, because that is what such a service notices.
/// </summary>
/// <param name="name">Name for users.</param>
/// <param name="title">Title for users.</param>
/// <param name="arrivals">New connections per second, on average: they come as independent callers do, at exponential distances.</param>
/// <param name="perSecond">Round trips per second, all kept connections together.</param>
/// <param name="seconds">Length of a run.</param>
internal sealed class HandshakeStorm(string name, string title, int arrivals, int perSecond, double seconds) : IWorkload
{
    private const int MessageSize = 128;
    private const int Connections = 64;

    // The same arrivals for everyone and in every run.
    private const int Seed = 200;

    public string Name => name;

    public string Title => title;

    public string Unit => "p99 µs";

    public string RateUnit => "round trips/s";

    public Goal? Goal { get; init; }

    public bool FreshProcess => false;

    public Sample Run(Lane lane, double scale)
    {
        var total = (int)(perSecond * seconds * scale);
        var messages = new PacedTalkers(total, perSecond);
        var talkers = Crowd.Gather(lane, Connections, MessageSize, messages.Answered);
        talkers.ForEach(messages.Add);
        var sample = Meter.Measure(lane, total, 1e6, () =>
        {
            var start = Stopwatch.GetTimestamp();
            var callers = new Callers(lane, start, Schedule(seconds * scale));
            lane.Loop.OnWake = () => lane.Loop.WakeAt = Math.Min(messages.SendDue(start), callers.CallDue());
            lane.Loop.WakeAt = start;
            lane.RunUntil(() => messages.Done && callers.Done, "a storm of handshakes");
        });
        lane.Loop.WakeAt = long.MaxValue;
        Crowd.Leave(lane, talkers);
        var latency = messages.Latency;
        return sample with { Cost = lane.IsDirect ? double.NaN : latency.P99, Latency = latency };
    }

    // Ticks after the start, in order.
    private Queue<long> Schedule(double duration)
    {
        var random = new Random(Seed);
        Queue<long> times = [];
        for (var time = 0.0; (time -= Math.Log(1 - random.NextDouble()) / arrivals) < duration;)
        {
            times.Enqueue((long)(time * Stopwatch.Frequency));
        }
        return times;
    }

    private sealed class Callers
    {
        private readonly Lane _lane;
        private readonly long _start;
        private readonly Queue<long> _schedule;
        private readonly byte[] _message = Pattern.At(0, MessageSize).ToArray();
        private int _present;
        private int _called;

        internal Callers(Lane lane, long start, Queue<long> schedule)
        {
            _lane = lane;
            _start = start;
            _schedule = schedule;
            new Header(Mode.Echo, Verify: false, MessageSize).Write(_message);
        }

        internal bool Done => _schedule.Count == 0 && _present == 0;

        internal long CallDue()
        {
            while (_schedule.TryPeek(out var due) && _start + due <= Stopwatch.GetTimestamp())
            {
                _ = _schedule.Dequeue();
                _present++;
                _ = new Visitor(_lane.Loop, _lane.Target, _lane.Sources[_called++ % _lane.Sources.Count], _message, Ending.Clean, _ => _present--);
            }
            return _schedule.TryPeek(out var next) ? _start + next : long.MaxValue;
        }
    }
}
