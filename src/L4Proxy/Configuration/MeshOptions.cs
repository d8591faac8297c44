using System.Collections.Immutable;
using System.Net;

namespace L4Proxy.Configuration;

/// <summary>What inbound connections must be. The words are those of Istio's PeerAuthentication.</summary>
internal enum MtlsMode
{
    /// <summary>TLS is the workload's own business: bytes pass as they are.</summary>
    Disable,

    /// <summary>Mesh TLS is terminated, everything else passes as it is.</summary>
    Permissive,

    /// <summary>Every connection must be TLS with a client certificate we believe; plaintext is refused.</summary>
    Strict,
}

/// <summary>The lowest TLS version we take part in.</summary>
internal enum MinTlsVersion
{
    Tls12,
    Tls13,
}

/// <summary>How connections within the mesh are secured.</summary>
internal sealed record MeshOptions
{
    /// <summary>Default <c>PERMISSIVE</c> with an identity, as Istio has it; <c>DISABLE</c> without one.</summary>
    public MtlsMode Mtls { get; init; }

    /// <summary>Default 1.3: every current mesh peer speaks it. 1.2 for older peers.</summary>
    public MinTlsVersion MinTlsVersion { get; init; } = MinTlsVersion.Tls13;

    /// <summary>Destinations that speak mesh TLS, the first that matches counts. Everything else is dialled in clear. Default: none.</summary>
    public ImmutableArray<MeshPeerOptions> Peers { get; init; } = [];
}

/// <summary>Destinations of outbound connections to which we originate mutual TLS.</summary>
/// <param name="Destination">Their addresses.</param>
internal sealed record MeshPeerOptions(IPNetwork Destination)
{
    /// <summary>Their port; null for every port.</summary>
    public int? Port { get; init; }

    /// <summary>Service name for the SNI <c>outbound_.PORT_.SUBSET_.HOST</c>; empty sends no SNI.</summary>
    public string Host { get; init; } = "";

    /// <summary>Subset for the SNI; empty for none.</summary>
    public string Subset { get; init; } = "";

    /// <summary>SPIFFE IDs of which the peer must prove one; empty: anyone of our own trust domain, its aliases and federated ones.</summary>
    public ImmutableArray<string> Identities { get; init; } = [];
}
