using L4Proxy.Core.Connections;
using L4Proxy.Interception;

namespace L4Proxy.Listening;

/// <summary>The door: refuses what would exceed the limit, before the kernel runs out, and what comes while we drain.</summary>
internal sealed class ConnectionAdmission(LiveConnections live, Func<DataPathSettings> settings)
{
    private volatile bool _refuseInbound;

    /// <summary>From now on only the workload's own connections are admitted, so that it can finish what it is doing.</summary>
    public void RefuseInbound() => _refuseInbound = true;

    /// <summary>Whether to go on; otherwise the reason is on the record and the connection is to be reset.</summary>
    /// <param name="connection">Who wants in; counted among the live ones already.</param>
    public bool Admits(ProxiedConnection connection)
    {
        if (live.Count > settings().MaxConnections)
        {
            connection.Record.End(CloseReason.ConnectionLimit);
            return false;
        }
        if (_refuseInbound && connection.Record.Direction != Direction.Outbound)
        {
            connection.Record.End(CloseReason.Draining);
            return false;
        }
        return true;
    }
}
