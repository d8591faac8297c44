using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>A connection's wait for its turn under a limit.</summary>
internal static class LimitPlace
{
    /// <summary>Takes a place for a connection, which then holds it; if there is none, waits in line for one.</summary>
    /// <param name="connection">Its record ends when it gets none.</param>
    /// <param name="place">Of the destination, or of the peer.</param>
    /// <param name="limit">0 is no limit.</param>
    /// <param name="refusal">What the record ends with, unless the downstream has gone.</param>
    /// <param name="current">How many may wait, and for how long.</param>
    /// <param name="counters">Gets who waits.</param>
    /// <returns>False: the connection is over and holds nothing.</returns>
    public static async ValueTask<bool> EnterAsync(
        ProxiedConnection connection, HeldPlace place, int limit, CloseReason refusal, DataPathSettings current, RoutingCounters counters)
    {
        var (record, downstream) = (connection.Record, connection.Downstream);
        var deadline = downstream.Loop.Now + current.Dial.TimeoutMilliseconds;
        if (await TakeAsync(place.Quota, limit, current.WaitingPerDestination, downstream, deadline, counters))
        {
            connection.Place = place;
            return true;
        }
        var whose = refusal == CloseReason.IdentityLimit ? $"of {connection.Peer!.Id}" : $"to {record.Route}";
        record.Detail = $"{place.Quota.Active} of {limit} connections {whose}";
        record.End(downstream.HasFailed ? CloseReason.DownstreamReset : refusal, (int)downstream.Error);
        return false;
    }

    /// <returns>False: refused, at once or at the deadline, or the downstream has gone by the time its turn came; no place is held.</returns>
    private static ValueTask<bool> TakeAsync(ConnectionQuota quota, int limit, int queue, Leg downstream, long deadline, RoutingCounters counters)
    {
        // Only who must wait pays for the means to wait.
        if (quota.TryEnter(limit))
        {
            return ValueTask.FromResult(true);
        }
        return queue == 0 ? ValueTask.FromResult(false) : WaitAsync(quota, limit, queue, downstream, deadline, counters);
    }

    private static async ValueTask<bool> WaitAsync(ConnectionQuota quota, int limit, int queue, Leg downstream, long deadline, RoutingCounters counters)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (quota.TryEnter(limit, queue, () => turn.TrySetResult(), out var place))
        {
            return true;
        }
        if (place is null)
        {
            return false;
        }
        var timer = new LoopTimer(static turn => ((TaskCompletionSource)turn!).TrySetCanceled(), turn);
        downstream.Loop.Timers.Set(timer, deadline);
        counters.WaitingBegan();
        await ((Task)turn.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await downstream.Loop.SwitchToAsync();
        counters.WaitingEnded();
        downstream.Loop.Timers.Clear(timer);
        if (turn.Task.IsCanceled && quota.GiveUp(place))
        {
            return false;
        }
        if (!downstream.HasFailed)
        {
            return true;
        }
        quota.Leave(limit);
        return false;
    }
}
