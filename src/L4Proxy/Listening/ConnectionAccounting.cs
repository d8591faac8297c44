using L4Proxy.Core.Connections;
using L4Proxy.Interception;
using L4Proxy.Telemetry;
using L4Proxy.Transport;
using L4Proxy.Transport.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// The outermost middleware: opens a connection's record, closes it exactly once, and turns it into one log line and some counters.
/// Nothing inside logs or counts, so nothing is counted twice.
/// </summary>
internal sealed class ConnectionAccounting(
    Direction direction, LiveConnections live, ConnectionCounters[] counters, AccessLog accessLog, ILogger logger)
{
    private static long _lastId;

    /// <summary>Runs <paramref name="next"/> inside the account, on the connection's loop.</summary>
    public async Task RunAsync(ConnectionContext context, Func<ProxiedConnection, long, Task> next)
    {
        var accepted = (ILegFeature)context;
        var leg = accepted.Leg;
        await leg.EnterLoopAsync();

        var record = new ConnectionRecord(Interlocked.Increment(ref _lastId), direction,
            new DownstreamAddress(accepted.Peer), new ListenerAddress(accepted.Listener), leg.Loop.NowMicroseconds);
        var connection = new ProxiedConnection(record, leg);
        var active = live.Add(connection);
        counters[leg.Loop.Index].Open();
        try
        {
            await next(connection, active);
        }
        catch (Exception defect)
        {
            // One of the two catch-alls of the product: a defect costs its connection and is loud, the process goes on.
            record.End(CloseReason.InternalError);
            logger.ConnectionFailed(accessLog.IdOf(record), defect);
        }
        // What a handler refused is still open; closing it here makes the record's end the connection's end.
        leg.Close(reset: true);
        record.Close(Monotonic.Microseconds);
        live.Remove(connection);
        counters[leg.Loop.Index].Close(record.Reason);
        if (record.Reason != CloseReason.CaptureProbe)
        {
            accessLog.Write(record);
        }
    }
}
