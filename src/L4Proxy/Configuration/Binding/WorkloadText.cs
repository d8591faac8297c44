using System.Buffers;

namespace L4Proxy.Configuration.Binding;

/// <summary>Names as Kubernetes and SPIFFE allow them: what passes here can stand in a metric label, a log line and a SPIFFE id.</summary>
internal static class WorkloadText
{
    private static readonly SearchValues<char> _labelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> _prefixCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
    private static readonly SearchValues<char> _trustDomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");
    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    /// <summary>RFC 1123 subdomain, at most 253 characters.</summary>
    public static string Name(string text) => text.Length <= 253 && IsSubdomain(text)
        ? text
        : throw new FormatException($"'{text}' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253");

    public static string NameOrEmpty(string text) => text.Length == 0 ? text : Name(text);

    /// <summary>SPIFFE-ID §2.1: lower-case letters, digits, '.', '-' and '_', at most 255 bytes.</summary>
    public static string TrustDomain(string text) => IsTrustDomain(text)
        ? text
        : throw new FormatException(
            $"'{text}' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://");

    /// <summary>As Istio and Kubernetes name places: <c>region</c>, <c>region/zone</c> or <c>region/zone/subzone</c>.</summary>
    public static string Locality(string text) => text.Length == 0 || IsLocality(text)
        ? text : throw new FormatException($"'{text}' is not a locality; write region, region/zone or region/zone/subzone");

    public static string LabelKey(string text) => IsLabelKey(text)
        ? text : throw new FormatException($"'{text}' is not a Kubernetes label key; write name or prefix/name");

    public static string LabelValue(string text) => IsLabelValue(text)
        ? text : throw new FormatException($"'{text}' is not a Kubernetes label value; use letters, digits, '-', '_' and '.', at most 63");

    // By hand and not by pattern: a mesh has half a million of these to read at start, when no pattern is compiled yet.

    /// <summary>Labels of letters, digits and '-' that neither begin nor end with '-', with dots between them.</summary>
    private static bool IsSubdomain(ReadOnlySpan<char> text)
    {
        foreach (var part in text.Split('.'))
        {
            var label = text[part];
            if (label.IsEmpty || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(_labelCharacters))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsTrustDomain(ReadOnlySpan<char> text) => text.Length is > 0 and <= 255 && !text.ContainsAnyExcept(_trustDomainCharacters);

    private static bool IsLocality(ReadOnlySpan<char> text)
    {
        var parts = 0;
        foreach (var part in text.Split('/'))
        {
            var name = text[part];
            if (++parts > 3 || name.Length is 0 or > 63 || name.ContainsAnyExcept(_nameCharacters))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsLabelKey(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return (slash < 0 || IsLabelPrefix(text[..slash])) && text.Length > slash + 1 && IsLabelValue(text[(slash + 1)..]);
    }

    private static bool IsLabelPrefix(ReadOnlySpan<char> text) => text.Length is > 0 and <= 253
        && text[0] is not ('-' or '.') && text[^1] is not ('-' or '.') && !text.ContainsAnyExcept(_prefixCharacters);

    private static bool IsLabelValue(ReadOnlySpan<char> text) => text.IsEmpty
        || (text.Length <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && !text.ContainsAnyExcept(_nameCharacters));
}
