using BenchmarkDotNet.Attributes;
using L4Proxy.Transport;

namespace L4Proxy.Microbench.Transport;

/// <summary>What a turn of an event loop costs when somebody else wakes it: the price of every hop onto a loop.</summary>
public class LoopTurnBenchmark : IDisposable
{
    private readonly EventLoops _loops = new(new TransportSettings());
    private readonly ManualResetEventSlim _ran = new();
    private Action<object?> _signal = null!;

    [GlobalSetup]
    public void Check()
    {
        _signal = _ => _ran.Set();
        Post_and_wait();
        // A turn counts when it is over: the second post has seen the end of the first one's.
        Post_and_wait();
        if (_loops.All[0].Counters.Turns == 0)
        {
            throw new InvalidOperationException("The loop did not turn: a timing of it would mean nothing.");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _loops.Dispose();
        _ran.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "post, wake, run")]
    [AllocatesNothing]
    public void Post_and_wait()
    {
        _ran.Reset();
        _loops.All[0].Post(_signal, null);
        _ran.Wait();
    }
}
