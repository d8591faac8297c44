using L4Proxy.Load.Wire;

namespace L4Proxy.Load.Measuring;

/// <summary>
/// CPU time of other processes from the kernel's per-process clock (clock_getcpuclockid(3)): user + system of all threads, ended ones
/// included, in nanoseconds. /proc/PID/stat has the same sum in ticks of 10 ms only.
/// </summary>
internal static unsafe class CpuClock
{
    private const int SchedulerClock = 2;

    /// <summary>CPU seconds used by the process and its living descendants.</summary>
    internal static double OfTree(int processId) => ProcessTree.Of(processId).Sum(Of);

    private static double Of(int processId)
    {
        Libc.Timespec time;
        _ = Sockets.Checked(Libc.ClockGetTime((~processId << 3) | SchedulerClock, &time), $"reading the CPU clock of process {processId}");
        return time.Seconds + (time.Nanoseconds / 1e9);
    }
}
