using System.Collections.Concurrent;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Policy;
using L4Proxy.Interception;
using L4Proxy.Resources;
using L4Proxy.Telemetry;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Listening;

/// <summary>
/// Judges live connections again when policy has changed: only those that the change may concern, and of them those that are denied now
/// are closed, over a while, so that their clients do not all come back in one instant. Nobody else is touched.
/// </summary>
internal sealed class PolicyFollower(LiveConnections live, Func<MeshModel> model, Func<DataPathSettings> settings, ILogger logger)
{
    /// <summary>Closings are done in handfuls, this far apart.</summary>
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(20);

    private Task _last = Task.CompletedTask;

    /// <summary>Called after every swap, one call at a time. Comes back at once.</summary>
    public void Follow(MeshModel before, MeshModel after)
    {
        // Read before the task can run: it would find itself in the field, and wait for itself for ever.
        var earlier = _last;
        _last = Task.Run(() => FollowAsync(before, after, earlier));
    }

    /// <summary>The live connections that a model would close, each looked at on its own loop.</summary>
    /// <param name="before">What they were let in by.</param>
    /// <param name="after">What they are judged by.</param>
    public async Task<PolicyImpact> ImpactAsync(MeshModel before, MeshModel after)
    {
        var change = PolicyChange.Between(before.Policies, after.Policies);
        var denied = new ConcurrentQueue<ProxiedConnection>();
        var looked = 0;
        var affected = await live.SumAsync(connection =>
        {
            if (!connection.IsJudged || connection.Record.IsEnded)
            {
                return 0;
            }
            Interlocked.Increment(ref looked);
            if (!change.MayAffect(connection.AccessRequest) && !NeedsIdentityNow(connection, before, after))
            {
                return 0;
            }
            if (LiveAccess.Denial(connection, after, settings()) is not null)
            {
                denied.Enqueue(connection);
            }
            return 1;
        });
        return new PolicyImpact(looked, affected, [.. denied]);
    }

    private async Task FollowAsync(MeshModel before, MeshModel after, Task earlier)
    {
        await earlier;
        var impact = await ImpactAsync(before, after);
        if (impact.Denied.Count == 0)
        {
            return;
        }
        var current = settings();
        if (current.OnPolicyChange == PolicyChangeAction.Keep)
        {
            logger.PolicyKeptConnections(impact.Denied.Count, impact.Affected, impact.Live);
            return;
        }
        var closed = await CloseAsync(impact.Denied, current);
        logger.PolicyClosedConnections(closed, impact.Affected, impact.Live);
    }

    private async Task<int> CloseAsync(IReadOnlyList<ProxiedConnection> denied, DataPathSettings current)
    {
        var spread = current.OnPolicyChange == PolicyChangeAction.Cut ? TimeSpan.Zero : current.PolicyChangeSpread;
        var steps = Math.Clamp((int)(spread / _step), 1, denied.Count);
        var closed = 0;
        for (var step = 0; step < steps; step++)
        {
            if (step > 0)
            {
                await Task.Delay(spread / steps);
            }
            var (from, to) = (denied.Count * step / steps, denied.Count * (step + 1) / steps);
            closed += await LiveConnections.RunAsync(denied.Skip(from).Take(to - from), connection => Close(connection, current));
        }
        return closed;
    }

    /// <returns>1 if it was closed: it may have ended, and policy may have changed its mind, since it was looked at.</returns>
    private int Close(ProxiedConnection connection, DataPathSettings current)
    {
        if (connection.Record.IsEnded || LiveAccess.Denial(connection, model(), current) is not { } denial)
        {
            return 0;
        }
        connection.Record.Policy = new PolicyFacts(IsAllowed: false, denial.Rule);
        connection.Record.Detail = denial.Why;
        connection.Abort(CloseReason.PolicyChanged, reset: current.OnPolicyChange == PolicyChangeAction.Cut || !connection.IsIdle);
        return 1;
    }

    /// <summary>Whether it came without an identity and its port demands one now that did not before.</summary>
    private bool NeedsIdentityNow(ProxiedConnection connection, MeshModel before, MeshModel after)
    {
        var port = connection.Record.OriginalDestination!.Value.EndPoint.Port;
        return connection.Peer is null
            && after.Mtls.Of(port, settings().Mtls, out _) == MtlsMode.Strict
            && before.Mtls.Of(port, settings().Mtls, out _) != MtlsMode.Strict;
    }
}

/// <summary>What a change of policy means for live connections.</summary>
/// <param name="Live">Inbound connections that policy had let in.</param>
/// <param name="Affected">Of these, those the change may concern.</param>
/// <param name="Denied">Of these, those that are denied now.</param>
internal sealed record PolicyImpact(int Live, int Affected, IReadOnlyList<ProxiedConnection> Denied);
