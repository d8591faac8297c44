using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>
/// What one set of policies changed about another: which connections must be judged again. Immutable; asked from every loop at once.
/// </summary>
/// <remarks>
/// Only the rules that one set has and the other has not are compiled and asked. If none of them matches a connection, both sets say the
/// same: as many DENY rules match it before as after, and as many ALLOW rules. What is in dry run or AUDIT changes no outcome.
/// </remarks>
public sealed class PolicyChange
{
    private readonly PolicySet _before;
    private readonly PolicySet _after;
    private readonly RuleIndex _changed;

    // When the first ALLOW policy comes or the last one goes, or names of trust domains change, any rule may mean something else.
    private readonly bool _isWide;

    private PolicyChange(PolicySet before, PolicySet after)
    {
        _before = before;
        _after = after;
        _changed = new RuleIndex(ReferenceEquals(before, after) ? [] : Changed(before, after));
        _isWide = before.HasAllow != after.HasAllow || (!before.Aliases.SameAs(after.Aliases) && (Enforced(before).Any() || Enforced(after).Any()));
    }

    /// <summary>No connection can be judged differently.</summary>
    public bool ChangesNothing => !_isWide && _changed.Rules.IsEmpty;

    public static PolicyChange Between(PolicySet before, PolicySet after) => new(before, after);

    /// <summary>
    /// Whether the outcome for a connection may differ, in either direction; never false where it does. It may stay the same and be
    /// by another rule. Allocates nothing.
    /// </summary>
    public bool MayAffect(in AccessRequest request)
    {
        if (_isWide)
        {
            return _before.Decide(request).IsAllowed != _after.Decide(request).IsAllowed;
        }
        if (_changed.Rules.IsEmpty)
        {
            return false;
        }
        var facts = new ConnectionFacts(request, _after.Aliases);
        var any = new AnyMatch(_changed, ref facts);
        _changed.Visit(facts, ref any);
        return any.Found;
    }

    private static ImmutableArray<CompiledRule> Changed(PolicySet before, PolicySet after)
    {
        var kept = before.Policies.ToHashSet<object>(ReferenceEqualityComparer.Instance);
        kept.IntersectWith(after.Policies);
        var balance = new Dictionary<CompiledRule, int>(RuleContent.Comparer);
        Count(after, +1);
        Count(before, -1);
        return [.. from rule in balance where rule.Value != 0 select rule.Key];

        void Count(PolicySet set, int step)
        {
            foreach (var rule in Enforced(set).Where(rule => !kept.Contains(rule.Hit.Policy)))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(balance, rule, out _) += step;
            }
        }
    }

    private static IEnumerable<CompiledRule> Enforced(PolicySet set) =>
        set.Compiled.SelectMany(policy => policy.Rules).Where(rule => rule.Effect is RuleEffect.Deny or RuleEffect.Allow);

    /// <summary>Whether any rule matches.</summary>
    private ref struct AnyMatch(RuleIndex index, ref readonly ConnectionFacts facts) : IChainVisitor
    {
        private readonly ref readonly ConnectionFacts _facts = ref facts;

        public bool Found { get; private set; }

        public void Visit(int head)
        {
            for (var place = head; place != 0 && !Found;)
            {
                ref readonly var link = ref index.At(place);
                Found = index.Rules[link.Number].Matches(_facts);
                place = link.Next;
            }
        }
    }
}
