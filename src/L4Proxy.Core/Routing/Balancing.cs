using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace L4Proxy.Core.Routing;

/// <summary>How one of several is chosen.</summary>
internal static class Balancing
{
    public static UpstreamEndpoint? Choose(LoadBalancer algorithm, in Candidates candidates, IPAddress source, ClusterState state)
    {
        if (candidates.Total == 0)
        {
            return null;
        }
        return algorithm switch
        {
            LoadBalancer.LeastConnection => LessLoaded(candidates),
            LoadBalancer.RoundRobin => candidates.At(Turn(candidates, state.NextTurn()), out _),
            LoadBalancer.SourceHash => Highest(candidates, source),
            _ => candidates.At(Draw(candidates.Total), out _),
        };
    }

    /// <summary>One after the other where all weigh the same; else spread as evenly as weights allow.</summary>
    private static long Turn(in Candidates candidates, uint turn) =>
        candidates.AreEqual ? turn % candidates.Total : LowDiscrepancy.Position(turn, candidates.Total);

    /// <summary>The better of two drawn by weight, never the same twice (Mitzenmacher 2001: nearly as even as asking all, and never a stampede).</summary>
    private static UpstreamEndpoint LessLoaded(in Candidates candidates)
    {
        var one = candidates.At(Draw(candidates.Total), out var start);
        var weight = candidates.WeightOf(one);
        var others = candidates.Total - weight;
        if (others <= 0)
        {
            return one;
        }
        // On the rest of the line, which goes on from its end and round to its beginning.
        var two = candidates.At((start + weight + Draw(others)) % candidates.Total, out _);
        return one.Active * candidates.WeightOf(two) <= two.Active * weight ? one : two;
    }

    /// <summary>
    /// Rendezvous hashing: everybody's hash with the source, the highest wins. One that goes moves its own sources and nobody else's, and one
    /// that comes takes its share from all. The weighted form is that of Schindelhauer and Schomaker (2005).
    /// </summary>
    private static UpstreamEndpoint Highest(in Candidates candidates, IPAddress source)
    {
        var hash = AddressKey.Of(source, 0).Hash();
        UpstreamEndpoint? highest = null;
        var (top, topScore) = (0UL, double.NegativeInfinity);
        foreach (var endpoint in candidates.Group)
        {
            if (!candidates.Has(endpoint))
            {
                continue;
            }
            var value = AddressKey.Mix(hash ^ endpoint.Key.Hash());
            if (candidates.AreEqual)
            {
                (highest, top) = highest is null || value > top ? (endpoint, value) : (highest, top);
                continue;
            }
            // Between 0 and 1, neither included: the logarithm is finite and not zero.
            var score = -endpoint.Weight / Math.Log(((value >> 11) + 0.5) / (1UL << 53));
            (highest, topScore) = highest is null || score > topScore ? (endpoint, score) : (highest, topScore);
        }
        return highest ?? candidates.Spare();
    }

    [SuppressMessage("Security", "CA5394", Justification = "Who gets the next connection is no secret.")]
    private static long Draw(long total) => total == 1 ? 0 : Random.Shared.NextInt64(total);
}
