using System.Text;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Redirect;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// One connection to the workload, top to bottom: (1) original destination, (2) PROXY header, (3) detect and terminate TLS, (4) policy and
/// limit of the peer, (5) dial the workload, (6) splice, (7) close. Nothing is dialled before the downstream is who it must be and may call.
/// </summary>
/// <param name="destinations">Where connections were going.</param>
/// <param name="loops">Refuses our own ports.</param>
/// <param name="ownLegs">Refuses our own legs coming back.</param>
/// <param name="instance">Answers the capture probe, so that a prober knows which proxy it met.</param>
/// <param name="securing">Our side of TLS.</param>
/// <param name="enforcement">Who may call.</param>
/// <param name="settings">What is in force; a reload between two steps counts from the next one on.</param>
/// <param name="counters">By loop.</param>
internal sealed class InboundHandler(
    IOriginalDestinations destinations, LoopGuard loops, OwnLegs ownLegs, string instance, Securing securing, PolicyEnforcement enforcement,
    Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var record = connection.Record;
        var downstream = connection.Downstream;

        // (1) Which port of the workload was meant? Ours, or our own leg coming back, is a loop; the probe's only proves capture.
        record.Enter(Phase.OriginalDestination);
        if (destinations.Find(downstream, record.Downstream, out var error) is not { } destination)
        {
            record.End(CloseReason.NotRedirected, (int)error);
            return;
        }
        record.OriginalDestination = destination;
        if (loops.WouldLoop(destination) || ownLegs.Contains(record.Downstream.EndPoint, destination.EndPoint))
        {
            record.End(CloseReason.Loop);
            return;
        }
        if (CaptureProbe.Answer(destination.EndPoint, record.Downstream.EndPoint.Address, instance) is { } answer)
        {
            downstream.TrySend(Encoding.ASCII.GetBytes(answer));
            downstream.Close(reset: false);
            record.End(CloseReason.CaptureProbe);
            return;
        }

        // (2) Who is behind a proxy that says so?
        if (!settings().InboundProxyProtocol.Accept.IsEmpty
            && !await ProxyHeaders.ReceiveAsync(downstream, record, settings().InboundProxyProtocol.Accept, settings().HandshakeDeadline(record)))
        {
            return;
        }

        try
        {
            // (3) What does it begin with, may it, and if it is mutual TLS: who is it?
            var mode = enforcement.ModeOf(destination, settings());
            if (!await securing.DownstreamAsync(connection, mode, [], settings(), enforcement.AsksForServerName))
            {
                return;
            }

            // (4) May it call?
            if (!enforcement.Allows(connection, settings()) || !await enforcement.EnterAsync(connection, settings()))
            {
                return;
            }

            // (5) Dial the workload at the very address that was asked for.
            record.Enter(Phase.Dialing);
            record.Upstream = new UpstreamAddress(destination.EndPoint);
            record.DialedAt = Monotonic.Microseconds;
            var dial = await Dialer.DialAsync(downstream, destination.EndPoint, settings().DialWorkload);
            if (dial.Leg is not { } upstream)
            {
                record.End(SpliceReasons.Of(dial, connection.Downstream), (int)dial.Error);
                return;
            }
            record.ConnectedAt = Monotonic.Microseconds;
            if (settings().InboundProxyProtocol.Send == ProxyProtocolVersion.V2)
            {
                ProxyHeaders.Send(upstream, record, local: null);
            }

            // (6) Move bytes until both ways have ended.
            var leg = ownLegs.Add(upstream.LocalEndPoint, destination.EndPoint);
            var result = await connection.SpliceAsync(upstream, counters[upstream.Loop.Index], settings().Timeouts);
            ownLegs.Remove(leg);

            // (7) The splice has closed both legs as they ended; say how.
            connection.Conclude(result);
        }
        finally
        {
            enforcement.Leave(connection, settings());
        }
    }
}
