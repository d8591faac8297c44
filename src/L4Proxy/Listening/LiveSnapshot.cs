using System.Collections.Concurrent;
using L4Proxy.Admin;

namespace L4Proxy.Listening;

/// <summary>Notes live connections for whoever judges them elsewhere: a hundred thousand verdicts would hold up a loop, as many notes do not.</summary>
internal static class LiveSnapshot
{
    /// <summary>Those that policy has let in.</summary>
    public static async Task<IReadOnlyCollection<LiveConnection>> TakeAsync(LiveConnections live)
    {
        var judged = new ConcurrentQueue<LiveConnection>();
        await live.SumAsync(connection =>
        {
            if (connection is { IsJudged: true, Record.IsEnded: false })
            {
                judged.Enqueue(new LiveConnection(connection.Record, connection.AccessRequest));
            }
            return 0;
        });
        return judged;
    }
}
