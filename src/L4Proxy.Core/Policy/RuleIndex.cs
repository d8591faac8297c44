using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace L4Proxy.Core.Policy;

/// <summary>
/// Finds the few rules that may match a connection. Each rule stands under the values of one of its clauses: that whose values the
/// fewest connections and other rules share. What is found must be asked completely; what is not found cannot match.
/// </summary>
internal sealed class RuleIndex
{
    private readonly KeyTables _tables = new();

    // Rules under the same key are a chain; numbers into this array, from 1.
    private readonly ChainLink[] _links;
    private readonly int _always;

    public RuleIndex(ImmutableArray<CompiledRule> rules)
    {
        Rules = rules;
        var counts = Counted(rules);
        var keys = new List<RuleKey>();
        var links = new List<ChainLink>();
        // Backwards, because a chain grows at its head: the first rule of the file comes first.
        for (var number = rules.Length - 1; number >= 0; number--)
        {
            if (rules[number].Effect == RuleEffect.None)
            {
                continue;
            }
            keys.Clear();
            if (!RuleKeys.TryChoose(rules[number], counts, keys))
            {
                Link(links, ref _always, number, rules[number].Effect);
            }
            foreach (ref readonly var key in CollectionsMarshal.AsSpan(keys))
            {
                Link(links, ref _tables.Slot(key), number, rules[number].Effect);
            }
        }
        _links = [.. links];
    }

    public ImmutableArray<CompiledRule> Rules { get; }

    /// <summary>Tells of the chain of every key that a connection has, and of that of the rules that have none.</summary>
    public void Visit<TVisitor>(in ConnectionFacts facts, ref TVisitor visitor)
        where TVisitor : struct, IChainVisitor, allows ref struct
    {
        if (_always != 0)
        {
            visitor.Visit(_always);
        }
        _tables.Visit(facts, ref visitor);
    }

    /// <summary>What stands at a place of a chain.</summary>
    public ref readonly ChainLink At(int place) => ref _links[place - 1];

    private static KeyTables Counted(ImmutableArray<CompiledRule> rules)
    {
        var counts = new KeyTables();
        var keys = new List<RuleKey>();
        foreach (var rule in rules)
        {
            keys.Clear();
            RuleKeys.AddAll(rule, keys);
            foreach (ref readonly var key in CollectionsMarshal.AsSpan(keys))
            {
                counts.Slot(key)++;
            }
        }
        return counts;
    }

    private static void Link(List<ChainLink> links, ref int head, int number, RuleEffect effect)
    {
        // The same value twice in one rule.
        if (head == 0 || links[head - 1].Number != number)
        {
            links.Add(new(number, effect, head));
            head = links.Count;
        }
    }

}

/// <param name="Number">Of the rule.</param>
/// <param name="Effect">Of the rule, here too so that most links of a long chain need no look at theirs.</param>
/// <param name="Next">The next place; 0 ends the chain.</param>
internal readonly record struct ChainLink(int Number, RuleEffect Effect, int Next);
