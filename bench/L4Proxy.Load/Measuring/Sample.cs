namespace L4Proxy.Load.Measuring;

/// <summary>What one run of one workload through one contender gave.</summary>
/// <param name="Cost">In the workload's unit: CPU of the proxy, or memory, per unit of work. Not a number for the run without a proxy.</param>
/// <param name="CpuSeconds">CPU of the contender's process tree during the run.</param>
/// <param name="CoreBusySeconds">How busy the proxy's core was, whoever used it: shows work that other processes or the kernel did there.</param>
/// <param name="StolenSeconds">Time the hypervisor gave to someone else, all cores.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Rate">Units of work per second of wall time.</param>
/// <param name="Latency">Latency percentiles where the workload has round trips.</param>
internal sealed record Sample(
    double Cost, double CpuSeconds, double CoreBusySeconds, double StolenSeconds, double Seconds, double Rate, LatencySummary? Latency);
