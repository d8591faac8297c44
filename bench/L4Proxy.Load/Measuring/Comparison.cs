namespace L4Proxy.Load.Measuring;

/// <summary>The subject against one peer on one workload.</summary>
/// <param name="Peer">Name of the peer.</param>
/// <param name="Blocks">The paired blocks; the ratio is the median of theirs.</param>
internal sealed record Comparison(string Peer, IReadOnlyList<Block> Blocks)
{
    internal double Ratio => Statistics.Median(Blocks.Select(block => block.Ratio));

    internal double LowestRatio => Blocks.Min(block => block.Ratio);

    internal double HighestRatio => Blocks.Max(block => block.Ratio);

    internal double LatencyRatio => Statistics.Median(Blocks.Select(block => block.LatencyRatio));
}
