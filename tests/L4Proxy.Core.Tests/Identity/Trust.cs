using System.Security.Cryptography.X509Certificates;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Tests.Identity;

/// <summary>Trust in the words of a test, and what is asked of a verdict.</summary>
internal static class Trust
{
    public const string Own = "cluster.local";

    public static TrustDomain Domain(string name) => TrustDomain.TryParse(name, out var domain, out var problem) ? domain : throw new ArgumentException(problem, nameof(name));

    public static SpiffeId Id(string text) => SpiffeId.TryParse(text, out var id, out var problem) ? id : throw new ArgumentException(problem, nameof(text));

    public static TrustBundle Bundle(string domain, X509Certificate2[] anchors, params RevocationList[] lists) => new(Domain(domain), anchors, lists);

    public static PeerVerifier In(params X509Certificate2[] anchors) => Of([Bundle(Own, anchors)]);

    public static PeerVerifier In(Authority authority, params RevocationList[] lists) => Of([Bundle(Own, [authority.Certificate], lists)]);

    public static PeerVerifier Of(TrustBundle[] bundles, params string[] aliases) => new(Domain(Own), bundles, [.. aliases.Select(Domain)]);

    public static PeerVerdict Judges(this PeerVerifier verifier, X509Certificate2 leaf, params X509Certificate2[] others) =>
        verifier.Verify(leaf, [.. others], PeerRole.Client, [], Authority.Now);

    public static PeerChain Accepts(this PeerVerifier verifier, X509Certificate2 leaf, params X509Certificate2[] others)
    {
        var verdict = verifier.Judges(leaf, others);
        Assert.True(verdict.Accepted, verdict.Detail);
        return verdict.Chain;
    }

    public static void Refuses(this PeerVerifier verifier, CloseReason reason, string detail, X509Certificate2 leaf, params X509Certificate2[] others) =>
        verifier.Judges(leaf, others).Says(reason, detail);

    public static void Says(this PeerVerdict verdict, CloseReason reason, string detail)
    {
        Assert.False(verdict.Accepted);
        Assert.Null(verdict.Id);
        Assert.Null(verdict.Chain);
        Assert.Contains(detail, verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(reason, verdict.Refusal);
    }
}
