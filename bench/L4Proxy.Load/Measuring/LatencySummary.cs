namespace L4Proxy.Load.Measuring;

/// <summary>Microseconds.</summary>
internal sealed record LatencySummary(double P50, double P99, double P999);
