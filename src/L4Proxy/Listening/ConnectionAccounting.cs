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
    public async Task RunAsync(ConnectionContext context, Func<ProxiedConnection, Task> next)
    {
        // Few locals on purpose: what is kept across a wait is kept for the life of every idle connection.
        await ((ILegFeature)context).Leg.EnterLoopAsync();
        var connection = Open((ILegFeature)context);
        try
        {
            await next(connection);
        }
        catch (Exception defect)
        {
            // One of the two catch-alls of the product: a defect costs its connection and is loud, the process goes on.
            connection.Record.End(CloseReason.InternalError);
            logger.ConnectionFailed(accessLog.IdOf(connection.Record), defect);
        }
        Close(connection);
    }

    private ProxiedConnection Open(ILegFeature accepted)
    {
        var leg = accepted.Leg;
        var record = new ConnectionRecord(Interlocked.Increment(ref _lastId), direction,
            new DownstreamAddress(accepted.Peer), new ListenerAddress(accepted.Listener), leg.Loop.NowMicroseconds);
        var connection = new ProxiedConnection(record, leg);
        live.Add(connection);
        counters[leg.Loop.Index].Open();
        return connection;
    }

    private void Close(ProxiedConnection connection)
    {
        // What a handler refused is still open; closing it here makes the record's end the connection's end.
        connection.Downstream.Close(reset: true);
        var record = connection.Record;
        record.Close(Monotonic.Microseconds);
        live.Remove(connection);
        var counted = counters[connection.Downstream.Loop.Index];
        counted.Close(record.Reason);
        if (record.Phase == Phase.Splicing)
        {
            counted.Splice(record.Security);
        }
        if (record.Reason != CloseReason.CaptureProbe)
        {
            accessLog.Write(record);
        }
    }
}
