namespace L4Proxy.Load.Measuring;

/// <summary>One paired block, run in the order A B B A, so that a machine that slowly changes changes both sides alike.</summary>
internal sealed record Block(Sample FirstA, Sample FirstB, Sample SecondB, Sample SecondA)
{
    /// <summary>Cost of A over cost of B: below 1 means A is cheaper.</summary>
    internal double Ratio => (FirstA.Cost + SecondA.Cost) / (FirstB.Cost + SecondB.Cost);

    /// <summary>The same for the p99 latency; not a number where the workload has none.</summary>
    internal double LatencyRatio => (P99(FirstA) + P99(SecondA)) / (P99(FirstB) + P99(SecondB));

    private static double P99(Sample sample) => sample.Latency?.P99 ?? double.NaN;
}
