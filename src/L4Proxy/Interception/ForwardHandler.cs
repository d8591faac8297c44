using L4Proxy.Core.Connections;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>One connection of a static listener, top to bottom: (1) dial the configured upstream, (2) splice, (3) close.</summary>
/// <param name="index">Which of <see cref="DataPathSettings.Forward"/>: a reload may change its upstream for new connections.</param>
/// <param name="settings">Read once per connection.</param>
/// <param name="counters">By loop.</param>
internal sealed class ForwardHandler(int index, Func<DataPathSettings> settings, TransferCounters[] counters) : IConnectionHandler
{
    public async Task HandleAsync(ProxiedConnection connection)
    {
        var record = connection.Record;
        var downstream = connection.Downstream;

        // (1) Dial.
        record.Enter(Phase.Dialing);
        var destination = settings().Forward[index].Upstream;
        record.Upstream = new UpstreamAddress(destination);
        record.DialedAt = Monotonic.Microseconds;
        var dial = await Dialer.DialAsync(downstream, destination, settings().Dial);
        if (dial.Leg is not { } upstream)
        {
            connection.Record.End(SpliceReasons.Of(dial, connection.Downstream), (int)dial.Error);
            return;
        }
        connection.Record.ConnectedAt = Monotonic.Microseconds;

        // (2) Move bytes until both ways have ended.
        var result = await connection.SpliceAsync(upstream, counters[upstream.Loop.Index], settings().Timeouts);

        // (3) The splice has closed both legs as they ended; say how.
        connection.Conclude(result);
    }
}
