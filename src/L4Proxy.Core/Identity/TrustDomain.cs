using System.Diagnostics.CodeAnalysis;

namespace L4Proxy.Core.Identity;

/// <summary>A namespace of identities with one set of anchors, such as <c>cluster.local</c>. Lower case letters, digits, dots, dashes and underscores.</summary>
public sealed class TrustDomain : IEquatable<TrustDomain>
{
    /// <summary>SPIFFE-ID §2.1; one ASCII character is one byte.</summary>
    public const int MaxLength = 255;

    internal TrustDomain(string name) => Name = name;

    /// <summary>Without scheme: <c>cluster.local</c>.</summary>
    public string Name { get; }

    /// <summary>Reads <c>cluster.local</c>, <c>spiffe://cluster.local</c> or any SPIFFE ID of that domain.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="domain">Null when the text is no trust domain.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence; empty when nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrustDomain? domain, out string problem)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            domain = SpiffeId.TryParse(text, out var id, out problem) ? id.TrustDomain : null;
            return domain is not null;
        }
        problem = Problem(text);
        domain = problem.Length == 0 ? new TrustDomain(text) : null;
        return domain is not null;
    }

    public bool Equals(TrustDomain? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as TrustDomain);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;

    internal static string Problem(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return "the trust domain is missing";
        }
        if (name.Length > MaxLength)
        {
            return $"the trust domain is longer than {MaxLength} bytes";
        }
        // Upper case is refused and not folded: two spellings of one domain would be two domains to whoever compares bytes (go-spiffe does the same).
        return name.ContainsAnyExcept(SpiffeId.TrustDomainCharacters)
            ? "a trust domain has only lower case letters, digits, dots, dashes and underscores"
            : "";
    }
}
