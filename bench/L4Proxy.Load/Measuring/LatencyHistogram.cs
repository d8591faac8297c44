using System.Diagnostics;
using System.Numerics;

namespace L4Proxy.Load.Measuring;

/// <summary>
/// Counts of nanoseconds in log-linear buckets: exact below 128 ns, then 64 buckets per power of two, so a percentile is at most
/// 1.6 % above the true value and recording costs a shift and an increment.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int Sub = 1 << SubBits;

    private readonly long[] _counts = new long[(65 - SubBits) * Sub];
    private long _total;

    internal void RecordTicks(long stopwatchTicks) => Record((long)(stopwatchTicks * (1e9 / Stopwatch.Frequency)));

    internal void Record(long nanoseconds)
    {
        _counts[Index(Math.Max(0, nanoseconds))]++;
        _total++;
    }

    /// <summary>The smallest recorded value, as its bucket's upper end, that at least <paramref name="fraction"/> of all values do not exceed; 0 when empty.</summary>
    /// <param name="fraction">0 to 1, for instance 0.99.</param>
    internal long Percentile(double fraction)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(fraction * _total));
        long seen = 0;
        for (var index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= rank)
            {
                return UpperEnd(index);
            }
        }
        return 0;
    }

    internal LatencySummary Summary() => new(Percentile(0.5) / 1e3, Percentile(0.99) / 1e3, Percentile(0.999) / 1e3);

    private static int Index(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - SubBits);
        return (shift * Sub) + (int)(value >> shift);
    }

    private static long UpperEnd(int index)
    {
        var shift = Math.Max(0, (index / Sub) - 1);
        return ((index - (shift * Sub) + 1L) << shift) - 1;
    }
}
