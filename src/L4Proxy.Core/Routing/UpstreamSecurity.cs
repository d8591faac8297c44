using System.Collections.Immutable;
using L4Proxy.Core.Identity;

namespace L4Proxy.Core.Routing;

public enum UpstreamSecurityKind : byte
{
    Plaintext,

    /// <summary>Mutual TLS of the mesh, with our identity.</summary>
    MeshTls,

    /// <summary>Ordinary TLS (SIMPLE, MUTUAL).</summary>
    Tls,
}

/// <summary>How a leg to an endpoint is secured. Shared by all endpoints for which it is the same.</summary>
/// <param name="Kind">What is spoken.</param>
/// <param name="ServerName">SNI; empty sends none.</param>
/// <param name="Identities">For mesh TLS: of which one must be proven; empty: anyone our trust covers.</param>
/// <param name="Tls">For ordinary TLS: files and names.</param>
public sealed record UpstreamSecurity(
    UpstreamSecurityKind Kind, string ServerName, ImmutableArray<SpiffeId> Identities, UpstreamTls? Tls)
{
    public static UpstreamSecurity Plaintext { get; } = new(UpstreamSecurityKind.Plaintext, "", [], null);
}
