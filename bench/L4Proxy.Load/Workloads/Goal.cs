namespace L4Proxy.Load.Workloads;

/// <summary>What the subject's cost is to be at most, compared with others' on the same workload in the same run.</summary>
/// <param name="Ratio">Cost of the subject over cost of the best peer.</param>
/// <param name="Peers">The first letters of the peers' names it is set against; empty for all that count.</param>
internal sealed record Goal(double Ratio, string Peers = "")
{
    internal bool IsSetAgainst(string peer) => peer.StartsWith(Peers, StringComparison.Ordinal);
}
