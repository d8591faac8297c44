using System.Text.RegularExpressions;

namespace L4Proxy.Configuration.Binding;

/// <summary>Names as Kubernetes and SPIFFE allow them: what passes here can stand in a metric label, a log line and a SPIFFE id.</summary>
internal static partial class WorkloadText
{
    /// <summary>RFC 1123 subdomain, at most 253 characters.</summary>
    public static string Name(string text) => text.Length <= 253 && Subdomain().IsMatch(text)
        ? text
        : throw new FormatException($"'{text}' is not a Kubernetes name; use lower-case letters, digits, '-' and '.', at most 253");

    public static string NameOrEmpty(string text) => text.Length == 0 ? text : Name(text);

    /// <summary>SPIFFE-ID §2.1: lower-case letters, digits, '.', '-' and '_', at most 255 bytes.</summary>
    public static string TrustDomain(string text) => TrustDomainPattern().IsMatch(text)
        ? text
        : throw new FormatException(
            $"'{text}' is not a SPIFFE trust domain; use lower-case letters, digits, '.', '-' and '_', at most 255, no spiffe://");

    /// <summary>As Istio and Kubernetes name places: <c>region</c>, <c>region/zone</c> or <c>region/zone/subzone</c>.</summary>
    public static string Locality(string text) => text.Length == 0 || LocalityPattern().IsMatch(text)
        ? text : throw new FormatException($"'{text}' is not a locality; write region, region/zone or region/zone/subzone");

    public static string LabelKey(string text) => LabelKeyPattern().IsMatch(text)
        ? text : throw new FormatException($"'{text}' is not a Kubernetes label key; write name or prefix/name");

    public static string LabelValue(string text) => LabelValuePattern().IsMatch(text)
        ? text : throw new FormatException($"'{text}' is not a Kubernetes label value; use letters, digits, '-', '_' and '.', at most 63");

    [GeneratedRegex(
        @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,63}(/[A-Za-z0-9._-]{1,63}){0,2}\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LocalityPattern();

    [GeneratedRegex(@"^[a-z0-9._-]{1,255}\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TrustDomainPattern();

    [GeneratedRegex(
        @"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelKeyPattern();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValuePattern();
}
