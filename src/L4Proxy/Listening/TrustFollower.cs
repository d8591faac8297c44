using System.Collections.Concurrent;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Identity;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// Judges the peers of live connections again when our trust has changed: whoever the new anchors and revocation lists do not carry is
/// cut off, nobody else is touched. A certificate that merely expires ends no connection that it began.
/// </summary>
internal sealed class TrustFollower(LiveConnections live, ILogger logger)
{
    private Task _last = Task.CompletedTask;

    /// <summary>Called after every swap, one call at a time. Comes back at once; the work is done on pool threads.</summary>
    public void Follow(WorkloadIdentity identity)
    {
        // Read before the task can run: it would find itself in the field, and wait for itself for ever.
        var before = _last;
        _last = Task.Run(() => JudgeAsync(identity, before));
    }

    private async Task JudgeAsync(WorkloadIdentity identity, Task before)
    {
        await before;
        // Chains are shared by all connections of a peer, and judging one takes as long as a hundred messages: so not on the loops.
        var chains = new ConcurrentDictionary<PeerChain, PeerVerdict>();
        await live.SumAsync(connection => connection.Peer is { } peer && chains.TryAdd(peer.Chain, default) ? 1 : 0);
        foreach (var chain in chains.Keys)
        {
            chains[chain] = identity.Peers.Judge(chain);
        }
        var cut = await live.SumAsync(connection =>
        {
            if (connection.Peer is not { } peer || !chains.TryGetValue(peer.Chain, out var verdict)
                || verdict.Refusal is not { } refusal || refusal == CloseReason.TlsExpired)
            {
                return 0;
            }
            connection.Record.Detail ??= verdict.Detail;
            connection.Abort(refusal, reset: true);
            return 1;
        });
        if (cut > 0)
        {
            logger.PeersDistrusted(cut, identity.Generation);
        }
    }
}
