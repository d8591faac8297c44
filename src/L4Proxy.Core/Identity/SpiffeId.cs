using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace L4Proxy.Core.Identity;

/// <summary>
/// A SPIFFE ID: <c>spiffe://cluster.local/ns/demo/sa/web</c>. Strict: lower case scheme and trust domain, no percent-encoding, port, user,
/// query or fragment, no empty or dot segments. Two IDs are equal when their bytes are.
/// </summary>
public sealed class SpiffeId : IEquatable<SpiffeId>
{
    /// <summary>SPIFFE-ID §2.3 asks for at least this much and advises against more; more is refused, because it ends in logs and tables.</summary>
    public const int MaxLength = 2048;

    private const string Scheme = "spiffe://";

    internal static readonly SearchValues<char> TrustDomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");

    private static readonly SearchValues<char> _segmentCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private const string NamespaceMark = "/ns/";
    private const string AccountMark = "/sa/";

    private readonly string _text;

    // Found once, because policy asks at every decision; 0 for an ID of another form. MaxLength fits.
    private readonly ushort _namespaceLength;

    private SpiffeId(string text, int pathStart)
    {
        _text = text;
        TrustDomain = new TrustDomain(text[Scheme.Length..pathStart]);
        Path = text[pathStart..];
        _namespaceLength = NamespaceLength(Path);
    }

    public TrustDomain TrustDomain { get; }

    /// <summary>Empty for the trust domain itself, else it begins with a slash: <c>/ns/demo/sa/web</c>.</summary>
    public string Path { get; }

    /// <summary>Namespace and service account of an ID of the form Istio gives; null for any other form.</summary>
    public (string Namespace, string ServiceAccount)? KubernetesNames => _namespaceLength == 0
        ? null
        : (KubernetesNamespace.ToString(), Path[(NamespaceMark.Length + _namespaceLength + AccountMark.Length)..]);

    /// <summary>The first of <see cref="KubernetesNames"/> without allocating; empty for any other form.</summary>
    internal ReadOnlySpan<char> KubernetesNamespace => _namespaceLength == 0 ? [] : Path.AsSpan(NamespaceMark.Length, _namespaceLength);

    /// <summary>What policies compare: the ID without its scheme, <c>cluster.local/ns/demo/sa/web</c>.</summary>
    internal ReadOnlySpan<char> Principal => _text.AsSpan(Scheme.Length);

    /// <summary>Reads a SPIFFE ID.</summary>
    /// <param name="text">What was written, or stands in a certificate.</param>
    /// <param name="id">Null when the text is no SPIFFE ID.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence; empty when nothing is. Never repeats the text, which may be hostile.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpiffeId? id, out string problem)
    {
        id = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            problem = text.Length == 0 ? "it is empty" : $"it does not begin with {Scheme}";
            return false;
        }
        if (text.Length > MaxLength)
        {
            problem = $"it is longer than {MaxLength} bytes";
            return false;
        }
        var slash = text.IndexOf('/', Scheme.Length);
        var pathStart = slash < 0 ? text.Length : slash;
        problem = TrustDomain.Problem(text.AsSpan(Scheme.Length..pathStart));
        if (problem.Length == 0)
        {
            problem = PathProblem(text.AsSpan(pathStart));
        }
        id = problem.Length == 0 ? new SpiffeId(text, pathStart) : null;
        return id is not null;
    }

    public bool Equals(SpiffeId? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as SpiffeId);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The whole ID.</summary>
    public override string ToString() => _text;

    /// <summary>The path of a service account, as <see cref="KubernetesNames"/> reads it back.</summary>
    internal static string KubernetesPath(string names, string account) => NamespaceMark + names + AccountMark + account;

    /// <summary>0 unless the path is <c>/ns/NAMESPACE/sa/ACCOUNT</c>.</summary>
    private static ushort NamespaceLength(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith(NamespaceMark, StringComparison.Ordinal))
        {
            return 0;
        }
        var rest = path[NamespaceMark.Length..];
        var length = Math.Max(0, rest.IndexOf('/'));
        var account = rest[length..];
        return account.StartsWith(AccountMark, StringComparison.Ordinal) && !account[AccountMark.Length..].Contains('/') ? (ushort)length : (ushort)0;
    }

    private static string PathProblem(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty)
        {
            return "";
        }
        if (path[^1] == '/')
        {
            return "it ends in a slash";
        }
        foreach (var range in path[1..].Split('/'))
        {
            var segment = path[1..][range];
            if (segment.IsEmpty)
            {
                return "its path has an empty segment";
            }
            if (segment is "." or "..")
            {
                return "its path has a dot segment";
            }
            if (segment.ContainsAnyExcept(_segmentCharacters))
            {
                return "a path has only letters, digits, dots, dashes and underscores";
            }
        }
        return "";
    }
}
