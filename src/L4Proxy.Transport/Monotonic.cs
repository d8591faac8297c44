using System.Diagnostics;

namespace L4Proxy.Transport;

/// <summary>
/// The clock of the data path: CLOCK_MONOTONIC from an arbitrary start. Environment.TickCount64 would be cheaper by a few
/// nanoseconds and reads the coarse clock, which moves in steps of 4 ms: too rough for a connect time on a local network.
/// </summary>
public static class Monotonic
{
    private static readonly long _ticksPerMicrosecond = Math.Max(1, Stopwatch.Frequency / 1_000_000);

    public static long Microseconds => Stopwatch.GetTimestamp() / _ticksPerMicrosecond;

    public static long Milliseconds => Microseconds / 1000;
}
