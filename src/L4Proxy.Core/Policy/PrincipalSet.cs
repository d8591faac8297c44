namespace L4Proxy.Core.Policy;

/// <summary>
/// The values of one field about principals. For a peer of one of our trust domains the name of the domain is settled when the set is
/// compiled, and only paths are compared; any other peer is compared as a whole.
/// </summary>
internal sealed class PrincipalSet
{
    public PrincipalSet(IEnumerable<TextPattern> patterns, TrustDomainAliases aliases)
    {
        var paths = new List<TextPattern>();
        var texts = new List<TextPattern>();
        foreach (var pattern in patterns)
        {
            Add(pattern, aliases, paths, texts);
        }
        Paths = new NameSet([.. paths]);
        Texts = new NameSet([.. texts]);
    }

    /// <summary>For peers of our trust domains.</summary>
    public NameSet Paths { get; }

    /// <summary>For all others.</summary>
    public NameSet Texts { get; }

    public bool Matches(in ConnectionFacts facts) =>
        facts.Peer is { } peer && (facts.IsAlias ? Paths.Matches(peer.Path) : Texts.Matches(peer.Principal));

    private static void Add(TextPattern pattern, TrustDomainAliases aliases, List<TextPattern> paths, List<TextPattern> texts)
    {
        var text = pattern.Text;
        var slash = text.IndexOf('/');
        var domain = slash < 0 ? text : text[..slash];
        var rest = text[domain.Length..];
        switch (pattern.Kind)
        {
            case PatternKind.Exact or PatternKind.Prefix when (slash >= 0 || pattern.Kind == PatternKind.Exact) && aliases.Contains(domain):
                paths.Add(new(pattern.Kind, rest));
                break;
            case PatternKind.Prefix:
                texts.Add(pattern);
                // It ends within the name of the domain.
                if (slash < 0 && aliases.SomeStartsWith(domain))
                {
                    paths.Add(new(PatternKind.Presence, ""));
                }
                break;
            case PatternKind.Suffix:
                texts.Add(pattern);
                paths.Add(pattern);
                // It begins within the name of the domain.
                if (slash != 0 && aliases.SomeEndsWith(domain))
                {
                    paths.Add(new(PatternKind.Exact, rest));
                }
                break;
            default:
                texts.Add(pattern);
                if (pattern.Kind == PatternKind.Presence)
                {
                    paths.Add(pattern);
                }
                break;
        }
    }
}
