using System.Collections.Immutable;

namespace L4Proxy.Core.Policy;

/// <summary>What becomes of a connection that a rule matches.</summary>
internal enum RuleEffect : byte
{
    Deny,
    Allow,
    Audit,
    DryRunDeny,
    DryRunAllow,

    /// <summary>An AUDIT policy in dry run: it may be explained, never found.</summary>
    None,
}

/// <summary>A match of a rule, compiled.</summary>
/// <param name="Match">As it was written.</param>
/// <param name="Conditions">All must hold; without any it never matches. Cheap ones first.</param>
internal readonly record struct CompiledMatch(PolicyMatch Match, ImmutableArray<MatchCondition> Conditions)
{
    public bool Matches(in ConnectionFacts facts)
    {
        foreach (ref readonly var condition in Conditions.AsSpan())
        {
            if (!condition.Holds(facts))
            {
                return false;
            }
        }
        return !Conditions.IsEmpty;
    }
}

/// <summary>A rule, compiled. The same object serves every set that the policy is in, and stands in decisions as the hit.</summary>
/// <param name="hit">The rule.</param>
/// <param name="effect">What it does.</param>
/// <param name="clauses">All must match, one match of each; clauses that always match are left out.</param>
internal sealed class CompiledRule(PolicyHit hit, RuleEffect effect, ImmutableArray<ImmutableArray<CompiledMatch>> clauses)
{
    public PolicyHit Hit { get; } = hit;
    public RuleEffect Effect { get; } = effect;
    public ImmutableArray<ImmutableArray<CompiledMatch>> Clauses { get; } = clauses;

    public bool Matches(in ConnectionFacts facts)
    {
        foreach (var clause in Clauses)
        {
            if (FirstOf(clause, facts) < 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The place of the first match of a clause that matches; -1 for none.</summary>
    public static int FirstOf(ImmutableArray<CompiledMatch> clause, in ConnectionFacts facts)
    {
        for (var place = 0; place < clause.Length; place++)
        {
            if (clause.ItemRef(place).Matches(facts))
            {
                return place;
            }
        }
        return -1;
    }
}
