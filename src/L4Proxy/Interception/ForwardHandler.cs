using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Tls;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>
/// One connection of a static listener, top to bottom: (1) PROXY header, (2) terminate TLS, (3) dial the configured upstream,
/// (4) originate TLS, (5) splice, (6) close.
/// </summary>
/// <param name="index">Which of <see cref="DataPathSettings.Forward"/>: a reload may change it for new connections.</param>
/// <param name="termination">Our side of TLS toward the downstream.</param>
/// <param name="origination">Our side of TLS toward the upstream.</param>
/// <param name="settings">Read once per connection.</param>
/// <param name="counters">By loop.</param>
internal sealed class ForwardHandler(
    int index, TlsTermination termination, TlsOrigination origination,
    Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var record = connection.Record;
        var downstream = connection.Downstream;
        var current = settings();
        var forward = current.Forward[index];

        // (1) Who is behind a proxy that says so?
        var deadline = current.HandshakeDeadline(record);
        if (!forward.ProxyProtocol.Accept.IsEmpty
            && !await ProxyHeaders.ReceiveAsync(downstream, record, forward.ProxyProtocol.Accept, deadline))
        {
            return;
        }

        // (2) Mutual TLS where the downstream must speak it: who is it?
        if (forward.Tls == ForwardTls.Terminate)
        {
            if (await DownstreamDetection.DetectAsync(downstream, record, silence: deadline, deadline) is not { } detection)
            {
                return;
            }
            if (InboundSecurity.Of(MtlsMode.Strict, detection.Verdict).Refusal is { } refusal)
            {
                record.End(refusal);
                return;
            }
            connection.Peer = await termination.AcceptAsync(downstream, record, detection.Hello, forward.Peers, current.Handshake);
            if (connection.Peer is null)
            {
                return;
            }
        }

        // (3) Dial.
        record.Enter(Phase.Dialing);
        record.Upstream = new UpstreamAddress(forward.Upstream);
        record.DialedAt = Monotonic.Microseconds;
        var dial = await Dialer.DialAsync(downstream, forward.Upstream, current.Dial);
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
        if (forward.Tls == ForwardTls.Originate)
        {
            connection.Peer = await origination.ConnectAsync(
                upstream, connection.Downstream, connection.Record, forward.ServerName, forward.Peers, current.Handshake);
            if (connection.Peer is null)
            {
                return;
            }
        }

        // (5) Move bytes until both ways have ended.
        var result = await connection.SpliceAsync(upstream, counters[upstream.Loop.Index], settings().Timeouts);

        // (6) The splice has closed both legs as they ended; say how.
        connection.Conclude(result);
    }
}
