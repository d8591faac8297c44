using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// One connection of a static listener, top to bottom: (1) PROXY header, (2) terminate TLS, (3) dial the configured upstream,
/// (4) originate TLS, (5) splice, (6) close.
/// </summary>
/// <param name="index">Which of <see cref="DataPathSettings.Forward"/>: a reload may change it for new connections.</param>
/// <param name="securing">Our side of TLS.</param>
/// <param name="settings">Read once per connection.</param>
/// <param name="counters">By loop.</param>
internal sealed class ForwardHandler(
    int index, Securing securing, Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var forward = settings().Forward[index];

        // (1) Who is behind a proxy that says so?
        if (!forward.ProxyProtocol.Accept.IsEmpty && !await ProxyHeaders.ReceiveAsync(
            connection.Downstream, connection.Record, forward.ProxyProtocol.Accept, settings().HandshakeDeadline(connection.Record)))
        {
            return;
        }

        // (2) Mutual TLS where the downstream must speak it: who is it?
        if (forward.Tls == ForwardTls.Terminate && !await securing.DownstreamAsync(connection, MtlsMode.Strict, forward.Peers, settings()))
        {
            return;
        }

        // (3) Dial.
        connection.Record.Enter(Phase.Dialing);
        connection.Record.Upstream = new UpstreamAddress(forward.Upstream);
        connection.Record.DialedAt = Monotonic.Microseconds;
        var dial = await Dialer.DialAsync(connection.Downstream, forward.Upstream, settings().Dial);
        if (dial.Leg is not { } upstream)
        {
            connection.Record.End(SpliceReasons.Of(dial, connection.Downstream), (int)dial.Error);
            return;
        }
        connection.Record.ConnectedAt = Monotonic.Microseconds;
        if (forward.ProxyProtocol.Send == ProxyProtocolVersion.V2)
        {
            ProxyHeaders.Send(upstream, connection.Record, connection.Downstream.LocalEndPoint);
        }

        // (4) Mutual TLS where the upstream speaks it: who is it?
        if (forward.Tls == ForwardTls.Originate && !await securing.UpstreamAsync(connection, upstream, forward.Security, settings()))
        {
            return;
        }

        // (5) Move bytes until both ways have ended.
        var result = await connection.SpliceAsync(upstream, counters[upstream.Loop.Index], settings().Timeouts);

        // (6) The splice has closed both legs as they ended; say how.
        connection.Conclude(result);
    }
}
