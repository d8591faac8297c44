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
                Link(links, ref _always, number);
            }
            foreach (ref readonly var key in CollectionsMarshal.AsSpan(keys))
            {
                Link(links, ref _tables.Slot(key), number);
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

    /// <summary>The rule at a place of a chain, and the next place; 0 ends it.</summary>
    public int Next(int place, out int number)
    {
        ref readonly var link = ref _links[place - 1];
        number = link.Number;
        return link.Next;
    }

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

    private static void Link(List<ChainLink> links, ref int head, int number)
    {
        // The same value twice in one rule.
        if (head == 0 || links[head - 1].Number != number)
        {
            links.Add(new(number, head));
            head = links.Count;
        }
    }

    private readonly record struct ChainLink(int Number, int Next);
}
