using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// One connection from the workload, top to bottom: (1) original destination, (2) route and outbound policy, (3) limit of the destination,
/// (4) dial and originate TLS, (5) splice, (6) close. The dial never waits for the downstream to speak unless a route asks for the server
/// name, so a protocol whose server greets first works without being declared.
/// </summary>
/// <remarks>Start reading the product here. <see cref="InboundHandler"/> is its mirror.</remarks>
internal sealed class OutboundHandler(
    IOriginalDestinations destinations, LoopGuard loops, OwnLegs ownLegs, OutboundRouting routing, UpstreamConnector connector,
    Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var record = connection.Record;

        // (1) Where was the workload going?
        record.Enter(Phase.OriginalDestination);
        if (destinations.Find(connection.Downstream, record.Downstream, out var error) is not { } destination)
        {
            record.End(CloseReason.NotRedirected, (int)error);
            return;
        }
        record.OriginalDestination = destination;
        // Our own leg comes back when the rules spare another uid than the one we run as.
        if (loops.WouldLoop(destination) || ownLegs.Contains(record.Downstream.EndPoint, destination.EndPoint))
        {
            record.End(CloseReason.Loop);
            return;
        }

        try
        {
            // (2) to (4): a leg to where it may go.
            if (await ReachAsync(connection, settings()) is not { } upstream)
            {
                return;
            }

            // (5) Move bytes until both ways have ended.
            var result = await connection.SpliceAsync(upstream.Leg, counters[upstream.Leg.Loop.Index], settings().Timeouts);
            ownLegs.Remove(upstream.Own);

            // (6) The splice has closed both legs as they ended; say how.
            connection.Conclude(result);
        }
        finally
        {
            routing.Leave(connection, settings());
        }
    }

    /// <summary>Apart, because what is kept across a wait above is kept for the life of every idle connection.</summary>
    private async ValueTask<ReachedUpstream?> ReachAsync(ProxiedConnection connection, DataPathSettings current)
    {
        // (2) Which service is that, and may it go there?
        if (await routing.RouteAsync(connection, current) is not { } route)
        {
            return null;
        }

        // (3) May it go now?
        if (!await routing.EnterAsync(connection, route, current))
        {
            return null;
        }

        // (4) Dial, and secure where the mesh is on the other end; while no byte was sent, another endpoint may do what one cannot.
        return await connector.ConnectAsync(connection, route, current);
    }
}
