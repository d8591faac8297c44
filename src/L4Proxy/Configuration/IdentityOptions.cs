using System.Collections.Immutable;

namespace L4Proxy.Configuration;

/// <summary>Where our certificate and our trust come from.</summary>
internal enum IdentitySource
{
    /// <summary>We have no identity: TLS passes through or is refused, and none is originated.</summary>
    None,

    /// <summary>PEM files, watched.</summary>
    Files,
}

/// <summary>Who we are on the wire, and whom we believe.</summary>
internal sealed record IdentityOptions
{
    /// <summary>Default: <c>files</c> where Istio's files are present when the proxy starts, else <c>none</c>.</summary>
    public IdentitySource Source { get; init; }

    /// <summary>PEM: our leaf, then its intermediates. Empty without <c>files</c>.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM: the leaf's key (PKCS#8, SEC 1 or PKCS#1; not encrypted).</summary>
    public string PrivateKey { get; init; } = "";

    /// <summary>PEM: anchors of our own trust domain. Roots, or intermediates where a mesh anchors those.</summary>
    public string TrustBundle { get; init; } = "";

    /// <summary>PEM or DER: certificate revocation lists of our own trust domain; empty for none.</summary>
    public string Crl { get; init; } = "";

    /// <summary>Former names of our trust domain (Istio's trustDomainAliases): judged by our bundle, equal in policy.</summary>
    public ImmutableArray<string> TrustDomainAliases { get; init; } = [];

    /// <summary>Bundles of other trust domains, by their name: a peer is judged by the bundle of its own domain and no other.</summary>
    public ImmutableSortedDictionary<string, string> FederatedBundles { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
