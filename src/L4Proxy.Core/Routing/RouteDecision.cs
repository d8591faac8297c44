using System.Net;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>What is known about an outbound connection before it is dialled.</summary>
/// <param name="Destination">Where it was going.</param>
/// <param name="ServerName">SNI of its ClientHello; null: none, or not looked at.</param>
/// <param name="Source">Address of the caller, for source hash.</param>
public readonly record struct RouteRequest(IPEndPoint Destination, string? ServerName, IPAddress Source);

public enum RouteKind : byte
{
    /// <summary>No service covers the destination: what becomes of it is outbound policy's to say.</summary>
    Unknown,

    /// <summary>To <see cref="RouteDecision.Cluster"/>, at the endpoint its balancer chooses.</summary>
    Cluster,

    /// <summary>To the original destination, under the cluster's limits and security: it is a known endpoint, or the cluster has none of its own.</summary>
    OriginalDestination,
}

/// <param name="Kind">Where to.</param>
/// <param name="Cluster">Null only for <see cref="RouteKind.Unknown"/>.</param>
/// <param name="Endpoint">
/// For <see cref="RouteKind.OriginalDestination"/>: the endpoint there; null when it is not a known one and nothing says how to secure a leg
/// to it. Null for the other kinds.
/// </param>
/// <param name="By">The route, or the service, that decided; null only for <see cref="RouteKind.Unknown"/>.</param>
public readonly record struct RouteDecision(RouteKind Kind, Cluster? Cluster, UpstreamEndpoint? Endpoint, Origin? By);
