namespace L4Proxy.Transport;

/// <summary>The loops of the process and the watchdog over them. Made once, shared by every listener, disposed last.</summary>
public sealed class EventLoops : IDisposable
{
    private const int MinuteMilliseconds = 60_000;

    private readonly EventLoop[] _loops;
    private readonly Timer _watchdog;
    private readonly bool[] _stalled;
    private long _backedOffReported;
    private long _backedOffReportedAt = long.MinValue / 2;

    public EventLoops(TransportSettings settings)
    {
        Settings = settings;
        _loops = new EventLoop[settings.Loops];
        _stalled = new bool[settings.Loops];
        for (var i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new EventLoop(i, settings);
            _loops[i].Start();
        }
        _watchdog = new Timer(static loops => ((EventLoops)loops!).Watch(), this,
            LoopCounters.StallMilliseconds, LoopCounters.StallMilliseconds);
    }

    public TransportSettings Settings { get; }

    public IReadOnlyList<EventLoop> All => _loops;

    /// <summary>Called once per stall, on a pool thread, with the loop and how many milliseconds its turn has taken so far.</summary>
    public Action<EventLoop, long>? OnStall { get; set; }

    /// <summary>Called on a pool thread with how often accepting was put off for want of descriptors or memory; at most once a minute.</summary>
    public Action<long>? OnAcceptsBackedOff { get; set; }

    public void Dispose()
    {
        _watchdog.Dispose();
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }

    private void Watch()
    {
        var now = Monotonic.Milliseconds;
        ReportAcceptsBackedOff(now);
        for (var i = 0; i < _loops.Length; i++)
        {
            var turn = _loops[i].Counters.CurrentTurnMilliseconds(now);
            var stalled = turn >= LoopCounters.StallMilliseconds;
            if (stalled && !_stalled[i])
            {
                OnStall?.Invoke(_loops[i], turn);
            }
            _stalled[i] = stalled;
        }
    }

    private void ReportAcceptsBackedOff(long now)
    {
        var backedOff = _loops.Sum(static loop => loop.Counters.AcceptsBackedOff);
        if (backedOff > _backedOffReported && now - _backedOffReportedAt >= MinuteMilliseconds)
        {
            OnAcceptsBackedOff?.Invoke(backedOff - _backedOffReported);
            _backedOffReported = backedOff;
            _backedOffReportedAt = now;
        }
    }
}
