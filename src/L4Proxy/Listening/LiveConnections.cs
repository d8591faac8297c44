using L4Proxy.Interception;
using L4Proxy.Transport;

namespace L4Proxy.Listening;

/// <summary>
/// Every connection that is open now: one list per loop, touched on that loop only, and one total that anybody may read.
/// </summary>
internal sealed class LiveConnections(EventLoops loops)
{
    private readonly ProxiedConnection?[] _heads = new ProxiedConnection?[loops.All.Count];
    private long _count;

    /// <summary>Open records of all loops.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add(ProxiedConnection connection)
    {
        ref var head = ref _heads[connection.Downstream.Loop.Index];
        connection.Next = head;
        if (head is not null)
        {
            head.Previous = connection;
        }
        head = connection;
        Interlocked.Increment(ref _count);
    }

    public void Remove(ProxiedConnection connection)
    {
        if (connection.Previous is { } previous)
        {
            previous.Next = connection.Next;
        }
        else
        {
            _heads[connection.Downstream.Loop.Index] = connection.Next;
        }
        if (connection.Next is { } next)
        {
            next.Previous = connection.Previous;
        }
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Looks at every connection on its own loop. <paramref name="look"/> may end the one it is shown.</summary>
    /// <returns>What <paramref name="look"/> counted, summed over all loops.</returns>
    public async Task<int> SumAsync(Func<ProxiedConnection, int> look)
    {
        var sums = await Task.WhenAll(loops.All.Select(loop => LookAsync(loop, look)));
        return sums.Sum();
    }

    /// <summary>Acts on some connections, each on its own loop.</summary>
    /// <returns>What <paramref name="act"/> counted, summed.</returns>
    public static async Task<int> RunAsync(IEnumerable<ProxiedConnection> connections, Func<ProxiedConnection, int> act)
    {
        var sums = await Task.WhenAll(connections.GroupBy(connection => connection.Downstream.Loop).Select(group => RunAsync(group.Key, [.. group], act)));
        return sums.Sum();
    }

    private static Task<int> RunAsync(EventLoop loop, List<ProxiedConnection> connections, Func<ProxiedConnection, int> act)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => done.SetResult(connections.Sum(act)), null);
        return done.Task;
    }

    private Task<int> LookAsync(EventLoop loop, Func<ProxiedConnection, int> look)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                var sum = 0;
                for (var connection = _heads[loop.Index]; connection is not null;)
                {
                    // Ending a connection takes it out of the list, so its neighbour is noted first.
                    var next = connection.Next;
                    sum += look(connection);
                    connection = next;
                }
                done.SetResult(sum);
            }, null);
        return done.Task;
    }
}
