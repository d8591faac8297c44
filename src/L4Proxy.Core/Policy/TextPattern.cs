namespace L4Proxy.Core.Policy;

/// <summary>How a <see cref="TextPattern"/> compares.</summary>
public enum PatternKind : byte
{
    Exact,

    /// <summary>Written <c>text*</c>.</summary>
    Prefix,

    /// <summary>Written <c>*text</c>.</summary>
    Suffix,

    /// <summary>Written <c>*</c>: anything that is there and not empty.</summary>
    Presence,
}

/// <summary>A string match of Istio's authorization: exact, prefix, suffix, presence. Compares bytes; the star stands at one end only.</summary>
public readonly record struct TextPattern(PatternKind Kind, string Text)
{
    /// <summary>Reads the notation of resources. Every string is one: a star in the middle is an ordinary character.</summary>
    public static TextPattern Parse(string written) => written switch
    {
        "*" => new(PatternKind.Presence, ""),
        ['*', ..] => new(PatternKind.Suffix, written[1..]),
        [.., '*'] => new(PatternKind.Prefix, written[..^1]),
        _ => new(PatternKind.Exact, written),
    };

    /// <param name="value">Empty when the fact is absent: then nothing matches, not even presence.</param>
    public bool Matches(ReadOnlySpan<char> value) => !value.IsEmpty && Kind switch
    {
        PatternKind.Exact => value.SequenceEqual(Text),
        PatternKind.Prefix => value.StartsWith(Text, StringComparison.Ordinal),
        PatternKind.Suffix => value.EndsWith(Text, StringComparison.Ordinal),
        _ => true,
    };

    /// <summary>As it was written.</summary>
    public override string ToString() => Kind switch
    {
        PatternKind.Prefix => Text + "*",
        PatternKind.Suffix => "*" + Text,
        PatternKind.Presence => "*",
        _ => Text,
    };
}
