using System.Globalization;

namespace L4Proxy.Tests.Running;

/// <summary>What the kernel says another process uses.</summary>
internal static class ProcessUsage
{
    /// <summary>Cores in use on average over a second and a half: 0.1 is a tenth of one.</summary>
    public static async Task<double> CoresAsync(int process)
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = CpuSeconds(process);
        await Patience.UntilAsync("a second and a half has been measured",
            () => Task.FromResult(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromSeconds(1.5)));
        return (CpuSeconds(process) - before) / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Proportional set size: private memory, and of what is shared with other processes this one's part.</summary>
    public static long ProportionalBytes(int process) => 1024 * long.Parse(
        File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    // proc_pid_stat(5): utime and stime are the 14th and 15th field, in hundredths of a second; the name before them may hold spaces.
    private static double CpuSeconds(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }
}
