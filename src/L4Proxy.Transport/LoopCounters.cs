namespace L4Proxy.Transport;

/// <summary>What one loop did. Written by the loop's thread, read by anyone: a number may be a moment old.</summary>
public sealed class LoopCounters
{
    /// <summary>A turn longer than this is a stall: somebody blocked the loop, or the machine did. 100 ms is far above any honest turn.</summary>
    public const int StallMilliseconds = 100;

    private long _turnStarted;

    public long Turns { get; private set; }
    public long Stalls { get; private set; }
    public long LongestTurnMilliseconds { get; private set; }
    public long Accepted { get; internal set; }

    /// <summary>Accepts put off for want of descriptors or memory.</summary>
    public long AcceptsBackedOff { get; internal set; }

    /// <summary>Accepts that failed because the peer had gone already.</summary>
    public long AcceptsAborted { get; internal set; }

    /// <summary>How long the turn that is running now has taken; 0 while the loop waits. For a watchdog on another thread.</summary>
    public long CurrentTurnMilliseconds(long now)
    {
        var started = Volatile.Read(ref _turnStarted);
        return started == 0 ? 0 : Math.Max(0, now - started);
    }

    internal void TurnStarted(long now) => Volatile.Write(ref _turnStarted, now);

    internal void TurnEnded(long now)
    {
        var took = now - _turnStarted;
        Volatile.Write(ref _turnStarted, 0);
        Turns++;
        if (took > LongestTurnMilliseconds)
        {
            LongestTurnMilliseconds = took;
        }
        if (took >= StallMilliseconds)
        {
            Stalls++;
        }
    }
}
