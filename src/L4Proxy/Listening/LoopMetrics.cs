using System.Diagnostics.Metrics;
using L4Proxy.Telemetry;
using L4Proxy.Transport;

namespace L4Proxy.Listening;

/// <summary>What the event loops say about themselves, as metrics.</summary>
internal static class LoopMetrics
{
    public static void AddTo(Instruments instruments, EventLoops loops)
    {
        instruments.AddCounter("l4proxy_loop_turns_total", null, "Turns of each event loop.", () => Each(loops, loop => loop.Counters.Turns));
        instruments.AddCounter("l4proxy_loop_stalls_total", null, "Turns of 100 ms and more: something blocked the loop.",
            () => Each(loops, loop => loop.Counters.Stalls));
        instruments.AddGauge("l4proxy_loop_longest_turn_seconds", "s", "The longest turn since the start.",
            () => loops.All.Select(loop => new Measurement<double>(loop.Counters.LongestTurnMilliseconds / 1000.0, Label(loop))));
        instruments.AddCounter("l4proxy_accept_errors_total", null, "Accepts that failed: for want of descriptors or memory, or because the peer had gone.",
            () => Accepts(loops));
        instruments.AddGauge("l4proxy_pipes_in_use", null, "Kernel pipes that hold bytes on their way now.", () => Each(loops, loop => loop.PipesInUse));
        instruments.AddCounter("l4proxy_pipe_misses_total", null, "Times a stream was copied because no kernel pipe was to be had.",
            () => Each(loops, loop => loop.PipeMisses));
    }

    private static IEnumerable<Measurement<long>> Each(EventLoops loops, Func<EventLoop, long> number) =>
        loops.All.Select(loop => new Measurement<long>(number(loop), Label(loop)));

    private static IEnumerable<Measurement<long>> Accepts(EventLoops loops)
    {
        yield return new(loops.All.Sum(loop => loop.Counters.AcceptsBackedOff), new KeyValuePair<string, object?>("cause", "resources"));
        yield return new(loops.All.Sum(loop => loop.Counters.AcceptsAborted), new KeyValuePair<string, object?>("cause", "peer"));
    }

    private static KeyValuePair<string, object?> Label(EventLoop loop) => new("loop", loop.Index);
}
