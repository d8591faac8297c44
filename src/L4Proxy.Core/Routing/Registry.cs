#pragma warning disable CA1822, MA0025, IDE0060, CA1801 // signatures agreed first; the owner of this file removes this line with the body
using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>All that routing is made from: what files say now, what a control plane will say later.</summary>
public sealed record RegistrySource(
    ImmutableArray<Service> Services, ImmutableArray<WorkloadEntry> Workloads, ImmutableArray<DestinationRule> DestinationRules,
    ImmutableArray<VirtualService> VirtualServices, ImmutableArray<Sidecar> Sidecars);

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
/// <param name="Endpoint">The endpoint at the original destination; null when it is not a known one.</param>
/// <param name="By">The route, or the service, that decided; null only for <see cref="RouteKind.Unknown"/>.</param>
public readonly record struct RouteDecision(RouteKind Kind, Cluster? Cluster, UpstreamEndpoint? Endpoint, Origin? By);

/// <summary>Services, endpoints and routes as one workload sees them. Replaced whole; what did not change keeps its clusters and their state.</summary>
public sealed class Registry
{
    /// <summary>No services.</summary>
    public static Registry Empty { get; } = new();

    /// <summary>What a Sidecar resource says about unknown destinations; null: none says anything.</summary>
    public OutboundTrafficPolicy? OutboundPolicy => null;

    /// <summary>Which resource says so.</summary>
    public Origin? OutboundPolicyBy => null;

    /// <summary>Endpoints that are ejected now.</summary>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    public int EjectedEndpoints(long now) => 0;

    public static Registry Build(RegistrySource source, LocalWorkload workload, Locality locality, Registry? before) =>
        throw new NotImplementedException();

    /// <summary>Whether the route depends on the SNI, so that the caller should look for a ClientHello first.</summary>
    public bool NeedsServerName(IPEndPoint destination) => false;

    public RouteDecision Route(in RouteRequest request) => default;

    /// <summary>DNS names whose addresses are endpoints of services here: whoever can ask for them tells <see cref="Resolved"/>.</summary>
    public IReadOnlyCollection<string> DnsNames => [];

    /// <summary>Replaces what is known about a name. Addresses that stay keep their state. Goes for this registry and all that are built from it.</summary>
    /// <param name="name">One of <see cref="DnsNames"/>; others are ignored.</param>
    /// <param name="addresses">Empty: it has none, so its services have no endpoints.</param>
    public void Resolved(string name, ImmutableArray<IPAddress> addresses)
    {
    }

    /// <summary>What <see cref="Route"/> does and why, step by step. Changes nothing: a weighted route does not move on.</summary>
    /// <param name="request">As of a connection.</param>
    /// <param name="now">Milliseconds of the caller's monotonic clock, to tell who is ejected.</param>
    public ImmutableArray<ExplainStep> Explain(in RouteRequest request, long now = 0) => [];
}
