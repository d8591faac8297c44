namespace L4Proxy.Core.Policy;

/// <summary>The values of one field about a name. A value may be empty: the path of the ID of a trust domain itself is.</summary>
internal sealed class NameSet
{
    // Up to here, comparing one by one is not slower than hashing.
    private const int Few = 6;

    private readonly NameTable? _table;

    public NameSet(TextPattern[] patterns)
    {
        Patterns = patterns;
        MatchesAll = Array.Exists(patterns, pattern => pattern.Kind == PatternKind.Presence || (pattern.Kind != PatternKind.Exact && pattern.Text.Length == 0));
        if (patterns.Length > Few && !MatchesAll)
        {
            _table = new NameTable();
            foreach (var pattern in patterns)
            {
                _table.Slot(pattern) = 1;
            }
        }
    }

    public TextPattern[] Patterns { get; }

    public bool MatchesAll { get; }

    public bool Matches(ReadOnlySpan<char> value)
    {
        if (MatchesAll)
        {
            return true;
        }
        if (_table is not null)
        {
            var any = default(AnyVisitor);
            _table.Visit(value, ref any);
            return any.Found;
        }
        foreach (var pattern in Patterns)
        {
            if (pattern.Kind switch
            {
                PatternKind.Exact => value.SequenceEqual(pattern.Text),
                PatternKind.Prefix => value.StartsWith(pattern.Text, StringComparison.Ordinal),
                _ => value.EndsWith(pattern.Text, StringComparison.Ordinal),
            })
            {
                return true;
            }
        }
        return false;
    }
}
