using L4Proxy.Core.Resources;

namespace L4Proxy.Resources.Traffic;

/// <summary>Findings about two resources that exclude each other: nobody knows which was meant, so each is told of the other.</summary>
internal static class FindingsOfTwo
{
    /// <param name="message">What is wrong, given the other one.</param>
    public static void ErrorBoth(this ResourceFindings findings, Origin one, Origin other, string path, Func<Origin, string> message)
    {
        findings.Error(one, path, message(other));
        findings.Error(other, path, message(one));
    }
}
