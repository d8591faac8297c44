using System.Diagnostics;
using L4Proxy.Load.Measuring;

namespace L4Proxy.Load.Running;

/// <summary>Reads all clocks before and after a piece of work.</summary>
internal static class Meter
{
    // What a contender does just after the last byte (closing, writing its log) belongs to the run.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(50);

    /// <summary>One run of <paramref name="work"/>.</summary>
    /// <param name="lane">The lane whose contender pays.</param>
    /// <param name="units">Units of work done, the divisor of cost and rate.</param>
    /// <param name="costFactor">1 for seconds, 1e6 for microseconds.</param>
    /// <param name="work">The work.</param>
    internal static Sample Measure(Lane lane, double units, double costFactor, Action work)
    {
        Thread.Sleep(s_settle);
        var cpu = Cpu(lane);
        var core = CoreTimes.Read(lane.Core);
        var clock = Stopwatch.StartNew();
        work();
        var seconds = clock.Elapsed.TotalSeconds;
        Thread.Sleep(s_settle);
        lane.MustBeAlive();
        cpu = Cpu(lane) - cpu;
        var coreAfter = CoreTimes.Read(lane.Core);
        var cost = lane.IsDirect ? double.NaN : cpu * costFactor / units;
        return new Sample(cost, cpu, coreAfter.Busy - core.Busy, coreAfter.Stolen - core.Stolen, seconds, units / seconds, null);
    }

    private static double Cpu(Lane lane) => lane.Processes.Sum(process => CpuClock.OfTree(process.Id));
}
