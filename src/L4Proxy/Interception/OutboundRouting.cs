using System.Net;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Resources;

namespace L4Proxy.Interception;

/// <summary>
/// The steps of the outbound handler that decide where a connection goes and whether it may go now. Methods of their own because what a
/// handler keeps across a wait it keeps for the life of every idle connection.
/// </summary>
/// <param name="model">What resources come to.</param>
/// <param name="saw">Writes down a destination that no service covers and the name it is called by; null: nobody does.</param>
/// <param name="counters">Of all loops.</param>
internal sealed class OutboundRouting(Func<MeshModel> model, Action<IPEndPoint, string?>? saw, RoutingCounters counters)
{
    /// <summary>Names of Istio's clusters for destinations that no service covers; dashboards know them.</summary>
    public const string Passthrough = "PassthroughCluster";

    /// <inheritdoc cref="Passthrough"/>
    public const string BlackHole = "BlackHoleCluster";

    private readonly QuotaTable<IPEndPoint> _unknown = new();

    /// <summary>Finds the route, and refuses what outbound policy refuses.</summary>
    /// <param name="connection">Its original destination is known and nothing of it has been read.</param>
    /// <param name="current">Settings of this connection.</param>
    /// <returns>Null: the connection is over.</returns>
    public async ValueTask<RouteDecision?> RouteAsync(ProxiedConnection connection, DataPathSettings current)
    {
        var record = connection.Record;
        var destination = record.OriginalDestination!.Value.EndPoint;
        var registry = model().Registry;
        var isNamed = registry.NeedsServerName(destination);
        if (isNamed && !await LookForNameAsync(connection, current))
        {
            return null;
        }
        var decision = registry.Route(new RouteRequest(destination, record.Tls?.ServerName, record.Downstream.EndPoint.Address));
        if (decision.Kind != RouteKind.Unknown)
        {
            record.Route = decision.Cluster!.Name;
            return decision;
        }
        var isBlocked = IsBlocked(registry, destination, current);
        record.Route = isBlocked ? BlackHole : Passthrough;
        // For people only: a blocked call is found by its name, and so is one that is to be written down.
        if (!isNamed && (isBlocked || saw is not null) && !await LookForNameAsync(connection, current))
        {
            return null;
        }
        if (isBlocked)
        {
            record.Detail = BlockedBy(registry);
            record.End(CloseReason.EgressBlocked);
            return null;
        }
        saw?.Invoke(destination, record.Tls?.ServerName);
        return decision;
    }

    /// <summary>Takes a place under the destination's limit, or waits for one.</summary>
    /// <param name="connection">Routed.</param>
    /// <param name="route">Where to.</param>
    /// <param name="current">Settings of this connection.</param>
    /// <returns>False: the connection is over.</returns>
    public async ValueTask<bool> EnterAsync(ProxiedConnection connection, RouteDecision route, DataPathSettings current)
    {
        var limit = Limit(route.Cluster, current);
        if (route.Cluster is null && limit == 0)
        {
            return true;
        }
        var destination = connection.Record.OriginalDestination!.Value.EndPoint;
        var place = new HeldPlace(route.Cluster?.Quota ?? _unknown.Borrow(destination), route.Cluster);
        var isIn = await LimitPlace.EnterAsync(connection, place, limit, CloseReason.DestinationLimit, current, counters);
        if (!isIn && route.Cluster is null)
        {
            _unknown.Return(destination);
        }
        return isIn;
    }

    /// <summary>Gives back what the connection held. Called once, however it ended.</summary>
    public void Leave(ProxiedConnection connection, DataPathSettings current)
    {
        if (connection.Place is { } place)
        {
            place.Endpoint?.Ended();
            place.Quota.Leave(Limit(place.Cluster, current));
            if (place.Cluster is null)
            {
                _unknown.Return(connection.Record.OriginalDestination!.Value.EndPoint);
            }
        }
    }

    private static int Limit(Cluster? cluster, DataPathSettings current) =>
        cluster?.Policy.ConnectionPool?.MaxConnections ?? current.MaxConnectionsPerDestination;

    /// <summary>Waits for a ClientHello, but not for long: a client that lets its server speak first sends none.</summary>
    /// <returns>False: the connection is over.</returns>
    private static async ValueTask<bool> LookForNameAsync(ProxiedConnection connection, DataPathSettings current)
    {
        var record = connection.Record;
        return await DownstreamDetection.DetectAsync(
            connection.Downstream, record, current.SilenceDeadline(record), current.HandshakeDeadline(record)) is not null;
    }

    /// <summary>What <c>mesh.peers</c> names is as good as registered.</summary>
    private static bool IsBlocked(Registry registry, IPEndPoint destination, DataPathSettings current) =>
        (registry.OutboundPolicy ?? current.OutboundTrafficPolicy) == OutboundTrafficPolicy.RegistryOnly
        && current.MeshPeers.Find(destination) is null;

    private static string BlockedBy(Registry registry) =>
        $"REGISTRY_ONLY by {registry.OutboundPolicyBy?.ToString() ?? "mesh.outboundTrafficPolicy"}; add a ServiceEntry for this destination";
}
