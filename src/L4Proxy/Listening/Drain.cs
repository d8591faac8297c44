using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Interception;
using L4Proxy.Telemetry;
using L4Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// The way out: inbound refuses new connections, idle ones are closed as they are found, busy ones get a deadline each, spread
/// over the second half of the window so that their clients do not all come back in one instant, and what is left is reset at the end.
/// The workload's own connections go on until then.
/// </summary>
internal sealed class Drain(LiveConnections live, ConnectionAdmission admission, ILogger logger)
{
    /// <summary>How often the connections are looked at: a proxy without busy ones leaves within half a second.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private int _closedIdle;
    private int _reset;

    /// <summary>Returns when no connection is open any more.</summary>
    /// <param name="signal">What asked for it.</param>
    /// <param name="timeouts">Window and what precedes it.</param>
    public async Task RunAsync(string signal, TimeoutOptions timeouts)
    {
        var started = Monotonic.Milliseconds;
        var window = (long)timeouts.Drain.TotalMilliseconds;
        var preDrain = (long)timeouts.PreDrain.TotalMilliseconds;
        var before = live.Count;
        logger.DrainStarted(signal, before, timeouts.Drain.TotalSeconds);
        var reported = started;
        for (long elapsed = 0; ; elapsed = Monotonic.Milliseconds - started)
        {
            if (elapsed >= preDrain)
            {
                admission.RefuseInbound();
                var deadlinePassed = elapsed >= window;
                var busy = await live.SumAsync(connection => Look(connection, started, window, deadlinePassed));
                if (busy == 0 || deadlinePassed)
                {
                    break;
                }
            }
            if (Monotonic.Milliseconds - reported >= 1000)
            {
                reported = Monotonic.Milliseconds;
                logger.DrainProgress(live.Count, Math.Max(0, (window - elapsed) / 1000.0));
            }
            await Task.Delay(_look);
        }
        // Nobody is busy: what the workload left open but idle need not keep the process.
        await live.SumAsync(connection => End(connection, reset: !connection.IsIdle));
        logger.DrainFinished((Monotonic.Milliseconds - started) / 1000.0, before - _closedIdle - _reset, _closedIdle, _reset);
    }

    /// <returns>1 if the connection is still busy.</returns>
    private int Look(ProxiedConnection connection, long started, long window, bool deadlinePassed)
    {
        if (deadlinePassed || (connection.Record.Direction != Direction.Outbound && Monotonic.Milliseconds - started >= Deadline(connection, window)))
        {
            End(connection, reset: true);
            return 0;
        }
        if (!connection.IsIdle)
        {
            return 1;
        }
        if (connection.Record.Direction != Direction.Outbound)
        {
            End(connection, reset: false);
        }
        return 0;
    }

    private int End(ProxiedConnection connection, bool reset)
    {
        connection.Abort(CloseReason.Drained, reset);
        _ = reset ? Interlocked.Increment(ref _reset) : Interlocked.Increment(ref _closedIdle);
        return 0;
    }

    /// <summary>Between half of the window and its end, by the connection's number: even, and the same at every look.</summary>
    private static long Deadline(ProxiedConnection connection, long window) =>
        (window / 2) + ((long)((uint)connection.Record.Id * 2654435769u) * (window / 2) >> 32);
}
