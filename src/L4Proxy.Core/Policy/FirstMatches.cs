namespace L4Proxy.Core.Policy;

/// <summary>Of every effect the first rule, in the order of the set, that matches a connection.</summary>
internal ref struct FirstMatches(RuleIndex index, ref readonly ConnectionFacts facts) : IChainVisitor
{
    public const int None = int.MaxValue;

    private readonly ref readonly ConnectionFacts _facts = ref facts;
    private Numbers _first = Numbers.AllNone;

    /// <summary>Number of the rule; <see cref="None"/> without one.</summary>
    public readonly int Of(RuleEffect effect) => _first[(int)effect];

    public void Visit(int head)
    {
        for (var place = head; place != 0;)
        {
            ref readonly var link = ref index.At(place);
            ref var first = ref _first[(int)link.Effect];
            if (link.Number < first && index.Rules[link.Number].Matches(_facts))
            {
                first = link.Number;
            }
            place = link.Next;
        }
    }

    /// <summary>One for each effect.</summary>
    [System.Runtime.CompilerServices.InlineArray((int)RuleEffect.None)]
    private struct Numbers
    {
        private int _number;

        public static Numbers AllNone
        {
            get
            {
                var numbers = default(Numbers);
                ((Span<int>)numbers).Fill(None);
                return numbers;
            }
        }
    }
}
