using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// One connection from the workload, top to bottom: (1) original destination, (2) dial, (3) originate TLS, (4) splice, (5) close. The
/// dial never waits for the downstream to speak, so a protocol whose server greets first works without being declared.
/// </summary>
/// <remarks>Start reading the product here. <see cref="InboundHandler"/> is its mirror.</remarks>
internal sealed class OutboundHandler(
    IOriginalDestinations destinations, LoopGuard loops, OwnLegs ownLegs, Securing securing,
    Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var record = connection.Record;
        var downstream = connection.Downstream;

        // (1) Where was the workload going?
        record.Enter(Phase.OriginalDestination);
        if (destinations.Find(downstream, record.Downstream, out var error) is not { } destination)
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

        // (2) Dial where it was going.
        record.Enter(Phase.Dialing);
        record.Upstream = new UpstreamAddress(destination.EndPoint);
        record.DialedAt = Monotonic.Microseconds;
        var dial = await Dialer.DialAsync(downstream, destination.EndPoint, settings().Dial);
        if (dial.Leg is not { } upstream)
        {
            connection.Record.End(SpliceReasons.Of(dial, connection.Downstream), (int)dial.Error);
            return;
        }
        connection.Record.ConnectedAt = Monotonic.Microseconds;
        var leg = ownLegs.Add(upstream.LocalEndPoint, destination.EndPoint);

        // (3) Mutual TLS where the mesh is on the other end; who is it?
        if (settings().MeshPeers.Find(destination.EndPoint) is { } mesh
            && !await securing.UpstreamAsync(connection, upstream, mesh.ServerName(destination.EndPoint.Port), mesh.Identities, settings()))
        {
            ownLegs.Remove(leg);
            return;
        }

        // (4) Move bytes until both ways have ended.
        var result = await connection.SpliceAsync(upstream, counters[upstream.Loop.Index], settings().Timeouts);
        ownLegs.Remove(leg);

        // (5) The splice has closed both legs as they ended; say how.
        connection.Conclude(result);
    }
}
