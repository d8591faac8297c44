using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;

namespace L4Proxy.Configuration;

/// <summary>The lowest TLS version we take part in.</summary>
internal enum MinTlsVersion
{
    Tls12,
    Tls13,
}

/// <summary>What becomes of live connections that a change of policy denies.</summary>
internal enum PolicyChangeAction
{
    /// <summary>They live on; only new ones are judged by what is new.</summary>
    Keep,

    /// <summary>They are closed one by one: an idle one by FIN, a busy one by RST.</summary>
    Drain,

    /// <summary>They are reset at once.</summary>
    Cut,
}

/// <summary>How connections within the mesh are secured, and where they may go.</summary>
internal sealed record MeshOptions
{
    /// <summary>Default <c>PERMISSIVE</c> with an identity, as Istio has it; <c>DISABLE</c> without one.</summary>
    public MtlsMode Mtls { get; init; }

    /// <summary>Default 1.3: every current mesh peer speaks it. 1.2 for older peers.</summary>
    public MinTlsVersion MinTlsVersion { get; init; } = MinTlsVersion.Tls13;

    /// <summary>File or directory of resources, followed from then on; empty: none, which is the default.</summary>
    public string Resources { get; init; } = "";

    /// <summary>Resources of this namespace are for the whole mesh. Default <c>istio-system</c>, as Istio has it.</summary>
    public string RootNamespace { get; init; } = "istio-system";

    /// <summary>Where no Sidecar resource says otherwise. Default <c>ALLOW_ANY</c>, as Istio has it.</summary>
    public OutboundTrafficPolicy OutboundTrafficPolicy { get; init; }

    /// <summary>File into which ServiceEntry resources are written for destinations that no service covers; empty: not, which is the default.</summary>
    public string LearnEgress { get; init; } = "";

    /// <summary>Whether authorization is judged and told but not enforced, whatever a policy says of itself. Default false.</summary>
    public bool PolicyDryRun { get; init; }

    /// <summary>What becomes of live connections that a change of policy denies. Default <see cref="PolicyChangeAction.Drain"/>.</summary>
    public PolicyChangeAction OnPolicyChange { get; init; } = PolicyChangeAction.Drain;

    /// <summary>Over how long a drain of denied connections is spread, so that their clients do not all come back in one instant. Default 1 s.</summary>
    public TimeSpan PolicyChangeSpread { get; init; } = TimeSpan.FromSeconds(1);

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
