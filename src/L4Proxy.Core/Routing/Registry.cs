using System.Collections.Immutable;
using System.Net;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>Services, endpoints and routes as one workload sees them. Replaced whole; what did not change keeps its clusters and their state.</summary>
public sealed class Registry
{
    private readonly RouteFinder _finder;

    internal Registry(RegistrySource source, RoutingContext context, RegistryIndexes indexes)
    {
        (Source, Context, Indexes) = (source, context, indexes);
        _finder = new RouteFinder(indexes);
        var sidecar = SidecarRules.OutboundPolicy(source.Sidecars, context.Workload);
        (OutboundPolicy, OutboundPolicyBy) = (sidecar?.Policy, sidecar?.Origin);
    }

    /// <summary>No services.</summary>
    public static Registry Empty { get; } = new(
        RegistrySource.Empty,
        new(new("", ImmutableSortedDictionary<string, string>.Empty, "", []), default, new ResolvedAddresses(), new EjectionLedger()),
        RegistryIndexes.Empty);

    /// <summary>What a Sidecar resource says about unknown destinations; null: none says anything.</summary>
    public OutboundTrafficPolicy? OutboundPolicy { get; }

    /// <summary>Which resource says so.</summary>
    public Origin? OutboundPolicyBy { get; }

    /// <summary>DNS names whose addresses are endpoints of services here: whoever can ask for them tells <see cref="Resolved"/>.</summary>
    public IReadOnlyCollection<string> DnsNames =>
        Indexes.DnsNames.All().Select(entry => entry.Key.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);

    internal RegistrySource Source { get; }
    internal RoutingContext Context { get; }
    internal RegistryIndexes Indexes { get; }

    /// <summary>Makes a registry, out of the one before if there is one: what is the same object there is taken over.</summary>
    /// <param name="source">Everything there is; who sees what is found out here.</param>
    /// <param name="workload">Whose calls are routed.</param>
    /// <param name="locality">Where it runs; default when unknown.</param>
    /// <param name="before">May go on being used.</param>
    public static Registry Build(RegistrySource source, LocalWorkload workload, Locality locality, Registry? before) =>
        RegistryUpdate.Apply(source, workload, locality, before ?? Empty);

    /// <summary>Endpoints that are ejected now.</summary>
    /// <param name="now">Milliseconds of the caller's monotonic clock.</param>
    public int EjectedEndpoints(long now) => Context.Ejections.Count(now);

    /// <summary>Whether the route depends on the SNI, so that the caller should look for a ClientHello first.</summary>
    public bool NeedsServerName(IPEndPoint destination) => _finder.NeedsServerName(AddressKey.Of(destination));

    /// <summary>Where a connection goes. Each call counts as a connection where weights decide.</summary>
    public RouteDecision Route(in RouteRequest request) => _finder.Route(request, trace: null);

    /// <summary>As <see cref="Route"/>, for people: a weighted route does not move on.</summary>
    public RouteDecision Peek(in RouteRequest request) => _finder.Route(request, new RouteTrace());

    /// <summary>Replaces what is known about a name. Addresses that stay keep their state. Goes for this registry and all that are built from it.</summary>
    /// <param name="name">One of <see cref="DnsNames"/>; others are ignored.</param>
    /// <param name="addresses">Empty: it has none, so its services have no endpoints.</param>
    public void Resolved(string name, ImmutableArray<IPAddress> addresses)
    {
        if (Indexes.DnsNames.First(name, 0) is not null)
        {
            Context.Names.Of(name).Replace(addresses);
        }
    }

    /// <summary>What <see cref="Route"/> does and why, step by step. Changes nothing: a weighted route does not move on.</summary>
    /// <param name="request">As of a connection.</param>
    /// <param name="now">Milliseconds of the caller's monotonic clock, to tell who is ejected.</param>
    public ImmutableArray<ExplainStep> Explain(in RouteRequest request, long now = 0)
    {
        var trace = new RouteTrace();
        var decision = _finder.Route(request, trace);
        return RouteExplanation.Of(this, request, decision, trace, now);
    }
}
