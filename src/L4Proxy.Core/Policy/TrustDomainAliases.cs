namespace L4Proxy.Core.Policy;

/// <summary>
/// The trust domains that are one and the same: our own, its aliases and <c>cluster.local</c>, by which policies name it wherever they
/// are used. A peer of one of them goes by the names it would have in each of the others as well.
/// </summary>
internal sealed class TrustDomainAliases(IEnumerable<string> names)
{
    /// <summary>Stands for all of them where one name is needed.</summary>
    public const string Pointer = "cluster.local";

    private readonly string[] _names = [.. names.Append(Pointer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    // A handful: comparing is faster than hashing.
    public bool Contains(ReadOnlySpan<char> name)
    {
        foreach (var alias in _names)
        {
            if (name.SequenceEqual(alias))
            {
                return true;
            }
        }
        return false;
    }

    public bool SomeStartsWith(string text) => Array.Exists(_names, name => name.StartsWith(text, StringComparison.Ordinal));

    public bool SomeEndsWith(string text) => Array.Exists(_names, name => name.EndsWith(text, StringComparison.Ordinal));

    public bool SomeMatches(TextPattern pattern) => Array.Exists(_names, name => pattern.Matches(name));

    public bool SameAs(TrustDomainAliases other) => _names.AsSpan().SequenceEqual(other._names);
}
