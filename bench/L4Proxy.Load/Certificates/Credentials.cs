namespace L4Proxy.Load.Certificates;

/// <summary>PEM files of one end: HAProxy wants chain and key in one file, everyone else apart.</summary>
/// <param name="SpiffeId">Who it is.</param>
/// <param name="Chain">Leaf, then intermediate.</param>
/// <param name="Key">PKCS#8.</param>
/// <param name="ChainAndKey">Both in one file.</param>
/// <param name="Root">What it trusts.</param>
internal sealed record Credentials(string SpiffeId, string Chain, string Key, string ChainAndKey, string Root);

/// <summary>The two ends of the TLS leg inside a pair of proxies, and someone who is not one of them.</summary>
/// <param name="Originating">Client of the TLS leg.</param>
/// <param name="Terminating">Server of the TLS leg.</param>
/// <param name="Impostor">The terminating end's names, signed below another root: whoever verifies must refuse it.</param>
internal sealed record MeshCredentials(Credentials Originating, Credentials Terminating, Credentials Impostor)
{
    /// <summary>
    /// Server name sent, in Istio's form, and common name of the certificates. nginx and HAProxy verify no URI names; with the common
    /// name they do the same work as a proxy that verifies the SPIFFE ID, instead of being measured with verification off.
    /// </summary>
    internal const string ServerName = "outbound_.9000_._.echo.default.svc.cluster.local";

    private const string TrustDomain = "spiffe://cluster.local/ns/load/sa/";

    internal static MeshCredentials Create(string directory)
    {
        using var authority = new CertificateAuthority();
        using var other = new CertificateAuthority();
        return new MeshCredentials(
            authority.Issue(TrustDomain + "originate", Path.Combine(directory, "originating")),
            authority.Issue(TrustDomain + "terminate", Path.Combine(directory, "terminating")),
            other.Issue(TrustDomain + "terminate", Path.Combine(directory, "impostor")));
    }
}
