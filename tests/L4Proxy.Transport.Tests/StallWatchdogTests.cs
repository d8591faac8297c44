using L4Proxy.Transport.Tests.Harness;

namespace L4Proxy.Transport.Tests;

public sealed class StallWatchdogTests
{
    [Fact]
    public async Task A_blocked_loop_is_reported_once_and_counted()
    {
        using var loop = new TestLoop();
        var reported = new TaskCompletionSource<(EventLoop Loop, long Milliseconds)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reports = 0;
        loop.Loops.OnStall = (stalled, milliseconds) =>
        {
            Interlocked.Increment(ref reports);
            reported.TrySetResult((stalled, milliseconds));
        };
        using var released = new ManualResetEventSlim();
        loop.Loop.Post(released => ((ManualResetEventSlim)released!).Wait(Patience.Limit), released);
        var (stalled, milliseconds) = await reported.Task.WaitAsync(Patience.Limit);

        // Two more looks of the watchdog at the same stall bring no second report.
        Assert.True(SpinWait.SpinUntil(
            () => loop.Loop.Counters.CurrentTurnMilliseconds(Environment.TickCount64) > milliseconds + (2 * LoopCounters.StallMilliseconds),
            Patience.Limit));
        Assert.Equal(1, Volatile.Read(ref reports));
        released.Set();

        Assert.Same(loop.Loop, stalled);
        Assert.True(milliseconds >= LoopCounters.StallMilliseconds);
        loop.Until(l => l.Counters.Stalls > 0, () => "the stall was not counted");
        Assert.True(loop.Loop.Counters.LongestTurnMilliseconds > milliseconds);
    }
}
