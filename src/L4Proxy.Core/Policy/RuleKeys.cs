using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>Chooses the keys under which a rule stands in an index.</summary>
internal static class RuleKeys
{
    /// <summary>Every key the rule could stand under.</summary>
    public static void AddAll(CompiledRule rule, List<RuleKey> keys)
    {
        foreach (var clause in rule.Clauses)
        {
            foreach (var match in clause)
            {
                foreach (var condition in match.Conditions)
                {
                    _ = RuleKey.TryAdd(condition, keys);
                }
            }
        }
    }

    /// <summary>The keys of the best clause: every connection that the rule matches has one of them.</summary>
    /// <param name="rule">That is to be found.</param>
    /// <param name="counts">How many rules have each key.</param>
    /// <param name="keys">Are added to; none when the rule can never match.</param>
    /// <returns>False when no clause has them: the rule must always be asked.</returns>
    public static bool TryChoose(CompiledRule rule, KeyTables counts, List<RuleKey> keys)
    {
        var best = long.MaxValue;
        var candidate = new List<RuleKey>();
        foreach (var clause in rule.Clauses)
        {
            candidate.Clear();
            if (TryChoose(clause, counts, candidate, best) is { } cost)
            {
                best = cost;
                keys.Clear();
                keys.AddRange(candidate);
            }
        }
        return best < long.MaxValue;
    }

    private static long? TryChoose(ImmutableArray<CompiledMatch> clause, KeyTables counts, List<RuleKey> keys, long below)
    {
        var sum = 0L;
        foreach (var match in clause)
        {
            // A match without conditions never matches, and needs no key.
            if (!match.Conditions.IsEmpty)
            {
                if (TryChoose(match, counts, keys) is not { } cost || (sum += cost) >= below)
                {
                    return null;
                }
            }
        }
        return sum < below ? sum : null;
    }

    private static long? TryChoose(CompiledMatch match, KeyTables counts, List<RuleKey> keys)
    {
        long? best = null;
        var start = keys.Count;
        foreach (var condition in match.Conditions)
        {
            var end = keys.Count;
            var isWhole = RuleKey.TryAdd(condition, keys);
            var cost = isWhole ? Cost(CollectionsMarshal.AsSpan(keys)[end..], counts) : long.MaxValue;
            if (cost < (best ?? long.MaxValue))
            {
                best = cost;
                keys.RemoveRange(start, end - start);
            }
            else
            {
                keys.RemoveRange(end, keys.Count - end);
            }
        }
        return best;
    }

    private static long Cost(ReadOnlySpan<RuleKey> keys, KeyTables counts)
    {
        var cost = 0L;
        foreach (ref readonly var key in keys)
        {
            cost += (long)key.Weight * counts.Slot(key);
        }
        return cost;
    }
}
