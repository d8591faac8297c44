using L4Proxy.Core.Routing;
using L4Proxy.Transport;

namespace L4Proxy.Interception;

/// <summary>A connection's wait for its turn under a limit.</summary>
internal static class LimitPlace
{
    /// <summary>Takes a place; if there is none, waits in line for one.</summary>
    /// <param name="quota">Of the destination, or of the peer.</param>
    /// <param name="limit">0 is no limit.</param>
    /// <param name="queue">How many may wait.</param>
    /// <param name="downstream">On whose loop this goes on. One that has left by the time its turn comes gives the place back.</param>
    /// <param name="deadline">Until when, in milliseconds of the loop's clock.</param>
    /// <param name="counters">Gets who waits.</param>
    /// <returns>False: refused, at once or at the deadline, or the downstream has gone; no place is held.</returns>
    public static ValueTask<bool> TakeAsync(ConnectionQuota quota, int limit, int queue, Leg downstream, long deadline, RoutingCounters counters)
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
