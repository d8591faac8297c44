using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Policy;

namespace L4Proxy.Resources;

/// <summary>
/// Values of authorization as people write them. What can be compared but never be equal is accepted with a warning: Istio accepts it
/// too, and a set of policies must not be refused for it.
/// </summary>
internal static class PolicyText
{
    /// <summary>As many as Istio's schema allows in one source.</summary>
    public const int MaxServiceAccounts = 16;

    private const string Spiffe = "spiffe://";

    /// <summary>What stands where in <c>cluster.local/ns/demo/sa/web</c>; null for what differs.</summary>
    private static readonly string?[] _principalParts = [null, "ns", null, "sa", null];

    public static TextPattern Principal(string text, Action<string> warn)
    {
        NotEmpty(text);
        if (text.StartsWith(Spiffe, StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' begins with {Spiffe}; principals are written without it: {text[Spiffe.Length..]}");
        }
        var pattern = Pattern(text, warn);
        var parts = pattern.Text.Split('/');
        var canMatch = pattern.Kind switch
        {
            PatternKind.Exact => parts.Length == _principalParts.Length && Fits(parts, _principalParts),
            PatternKind.Prefix => parts.Length <= _principalParts.Length && Fits(parts[..^1], _principalParts)
                && _principalParts[parts.Length - 1]?.StartsWith(parts[^1], StringComparison.Ordinal) != false,
            PatternKind.Suffix => parts.Length <= _principalParts.Length && Fits(parts[1..], _principalParts[^(parts.Length - 1)..])
                && _principalParts[^parts.Length]?.EndsWith(parts[0], StringComparison.Ordinal) != false,
            _ => true,
        };
        if (!canMatch && !HasStarInside(pattern))
        {
            warn($"'{text}' matches no principal of a mesh; they look like cluster.local/ns/demo/sa/web");
        }
        return pattern;
    }

    /// <summary>A Kubernetes namespace, or a pattern of them.</summary>
    public static TextPattern Namespace(string text, Action<string> warn)
    {
        NotEmpty(text);
        var pattern = Pattern(text, warn);
        if (!HasStarInside(pattern) && pattern.Text.AsSpan().ContainsAnyExcept(_nameCharacters))
        {
            warn($"'{text}' matches no namespace; they have lower-case letters, digits and '-', and no trust domain before them");
        }
        return pattern;
    }

    public static TextPattern TrustDomain(string text, Action<string> warn)
    {
        NotEmpty(text);
        if (text.StartsWith(Spiffe, StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' begins with {Spiffe}; trust domains are written without it: {text[Spiffe.Length..]}");
        }
        var pattern = Pattern(text, warn);
        if (!HasStarInside(pattern) && pattern.Text.AsSpan().ContainsAnyExcept(_domainCharacters))
        {
            warn($"'{text}' matches no trust domain; they have lower-case letters, digits, '.', '-' and '_'");
        }
        return pattern;
    }

    public static TextPattern ServerName(string text, Action<string> warn)
    {
        NotEmpty(text);
        var pattern = Pattern(text, warn);
        if (!HasStarInside(pattern) && pattern.Text.AsSpan().ContainsAny(" /:"))
        {
            warn($"'{text}' matches no server name; TLS sends a host name, without scheme, port or path");
        }
        return pattern;
    }

    /// <summary><c>name</c> in <paramref name="ownNamespace"/>, or <c>namespace/name</c>.</summary>
    public static ServiceAccount ServiceAccount(string text, string ownNamespace)
    {
        NotEmpty(text);
        if (text.Contains('*', StringComparison.Ordinal))
        {
            throw new FormatException($"'{text}' has a star, and service accounts are compared as they are; name each, or use namespaces");
        }
        var parts = text.Split('/');
        return parts.Length <= 2 && Array.TrueForAll(parts, IsName)
            ? new ServiceAccount(parts.Length == 2 ? parts[0] : ownNamespace, parts[^1])
            : throw new FormatException($"'{text}' is not a service account; write name or namespace/name, such as demo/web");
    }

    public static int Port(string text, Action<string> warn)
    {
        NotEmpty(text);
        return ScalarText.Port(text);
    }

    private static readonly System.Buffers.SearchValues<char> _nameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private static readonly System.Buffers.SearchValues<char> _domainCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");

    private static bool IsName(string text)
    {
        try
        {
            return WorkloadText.Name(text).Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static TextPattern Pattern(string text, Action<string> warn)
    {
        var pattern = TextPattern.Parse(text);
        if (HasStarInside(pattern))
        {
            warn($"'{text}' never matches: a star means something only alone, or once at the beginning or the end; write one pattern for each");
        }
        return pattern;
    }

    private static bool HasStarInside(TextPattern pattern) => pattern.Text.Contains('*', StringComparison.Ordinal);

    private static bool Fits(string[] parts, string?[] shape)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length == 0 || (shape[i] is { } expected && parts[i] != expected))
            {
                return false;
            }
        }
        return true;
    }

    private static void NotEmpty(string text)
    {
        if (text.Length == 0)
        {
            throw new FormatException("is an empty text, which matches nothing; write a value, or \"*\" for any that is there");
        }
    }
}
