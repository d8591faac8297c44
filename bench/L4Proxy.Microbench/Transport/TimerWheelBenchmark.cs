using BenchmarkDotNet.Attributes;
using L4Proxy.Transport;

namespace L4Proxy.Microbench.Transport;

/// <summary>Setting and clearing a deadline among 10 000 others: once per dial.</summary>
public class TimerWheelBenchmark
{
    private readonly TimerWheel _wheel = new(0);
    private readonly LoopTimer _timer = new(static _ => { }, null);

    [GlobalSetup]
    public void Check()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _wheel.Set(new LoopTimer(static _ => { }, null), 1_000_000 + i);
        }
        var fired = false;
        _wheel.Set(new LoopTimer(_ => fired = true, null), 100);
        _wheel.Advance(99);
        if (fired)
        {
            throw new InvalidOperationException("The wheel is early: a timing of it would mean nothing.");
        }
        _wheel.Advance(200);
        if (!fired)
        {
            throw new InvalidOperationException("The wheel is late: a timing of it would mean nothing.");
        }
    }

    [Benchmark(Description = "set and clear")]
    [AllocatesNothing]
    public void Set_and_clear()
    {
        _wheel.Set(_timer, 5_200);
        _wheel.Clear(_timer);
    }
}
