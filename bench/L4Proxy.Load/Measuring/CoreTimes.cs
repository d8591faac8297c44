using System.Globalization;

namespace L4Proxy.Load.Measuring;

/// <summary>Counters of /proc/stat, in seconds since boot.</summary>
internal sealed record CoreTimes(double Busy, double Stolen)
{
    // proc(5): values are in USER_HZ, which is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    internal static CoreTimes Read(int core) => Parse(File.ReadAllText("/proc/stat"), core);

    /// <summary>Busy is the given core's user, nice, system, irq and softirq time; stolen is all cores'.</summary>
    internal static CoreTimes Parse(string stat, int core)
    {
        var lines = stat.Split('\n');
        var own = Fields(lines.First(line => line.StartsWith($"cpu{core} ", StringComparison.Ordinal)));
        var all = Fields(lines.First(line => line.StartsWith("cpu ", StringComparison.Ordinal)));
        return new CoreTimes((own[0] + own[1] + own[2] + own[5] + own[6]) / TicksPerSecond, all[7] / TicksPerSecond);
    }

    private static long[] Fields(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
}
