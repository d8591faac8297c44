using System.Diagnostics;
using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Generator;

/// <summary>
/// Messages at a fixed rate over kept connections, whatever the answers do. A message that finds no free connection waits, and its
/// latency counts from the moment it was due, so a stall shows in every message it delayed (no coordinated omission).
/// </summary>
internal sealed class PacedTalkers(int total, int perSecond)
{
    private readonly double _interval = Stopwatch.Frequency / (double)perSecond;
    private readonly LatencyHistogram _histogram = new();
    private readonly Stack<Talker> _free = new();
    private readonly Queue<long> _waiting = new();
    private int _sent;
    private int _answered;

    internal bool Done => _answered == total;

    internal LatencySummary Latency => _histogram.Summary();

    internal void Add(Talker talker) => _free.Push(talker);

    /// <summary>To be called with every answer.</summary>
    internal void Answered(Talker talker)
    {
        _histogram.RecordTicks(Stopwatch.GetTimestamp() - talker.StartedAt);
        _answered++;
        if (_waiting.TryDequeue(out var due))
        {
            talker.Say(due);
        }
        else
        {
            _free.Push(talker);
        }
    }

    /// <summary>Sends what is due and tells when the next is.</summary>
    /// <param name="start">Stopwatch ticks at which the first was due.</param>
    internal long SendDue(long start)
    {
        for (var now = Stopwatch.GetTimestamp(); _sent < total && Due() <= now; _sent++)
        {
            if (_free.TryPop(out var talker))
            {
                talker.Say(Due());
            }
            else
            {
                _waiting.Enqueue(Due());
            }
        }
        return _sent < total ? Due() : long.MaxValue;

        long Due() => start + (long)(_sent * _interval);
    }
}
