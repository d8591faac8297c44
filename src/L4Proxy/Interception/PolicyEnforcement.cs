using L4Proxy.Core.Connections;
using L4Proxy.Core.Identity;
using L4Proxy.Core.Policy;
using L4Proxy.Core.Routing;
using L4Proxy.Resources;

namespace L4Proxy.Interception;

/// <summary>The steps of the inbound handler that ask policy and keep limits of peers.</summary>
/// <param name="model">What resources come to.</param>
/// <param name="counters">Of all loops.</param>
/// <param name="waits">Who waits for a place.</param>
internal sealed class PolicyEnforcement(Func<MeshModel> model, PolicyCounters counters, RoutingCounters waits)
{
    private readonly QuotaTable<SpiffeId> _peers = new();

    /// <summary>What an inbound connection must be: a resource says so, or configuration.</summary>
    public MtlsMode ModeOf(OriginalDestination destination, DataPathSettings current) =>
        model().Mtls.Of(destination.EndPoint.Port, current.Mtls, out _);

    /// <summary>Whether a policy may ask for the server name, so that it must be looked for even where TLS is none of our business.</summary>
    public bool AsksForServerName => model().PoliciesAskForServerName;

    /// <summary>Asks policy, and ends the record of a connection that it denies.</summary>
    public bool Allows(ProxiedConnection connection, DataPathSettings current)
    {
        var request = connection.AccessRequest;
        // Its port may have become STRICT while it was waited for what it begins with; whoever judges live connections has passed by then.
        if (request.Peer is null && ModeOf(connection.Record.OriginalDestination!.Value, current) == MtlsMode.Strict)
        {
            connection.Record.End(CloseReason.PlaintextRefused);
            return false;
        }
        var policies = model().Policies;
        var decision = policies.Decide(request);
        counters.Count(decision, isEnforced: !current.IsPolicyDryRun);
        var isAllowed = decision.IsAllowed || current.IsPolicyDryRun;
        connection.Record.Policy = PolicyWords.Facts(decision, current.IsPolicyDryRun);
        if (!isAllowed)
        {
            connection.Record.Detail = PolicyWords.Why(policies, decision.Verdict, request);
            connection.Record.End(CloseReason.PolicyDenied);
        }
        return isAllowed;
    }

    /// <summary>Takes a place among the connections of the same peer, or waits for one.</summary>
    /// <returns>False: the connection is over.</returns>
    public async ValueTask<bool> EnterAsync(ProxiedConnection connection, DataPathSettings current)
    {
        var limit = current.MaxConnectionsPerIdentity;
        if (limit == 0 || connection.Peer is not { Id: { } peer })
        {
            return true;
        }
        var place = new HeldPlace(_peers.Borrow(peer), Cluster: null);
        var isIn = await LimitPlace.EnterAsync(connection, place, limit, CloseReason.IdentityLimit, current, waits);
        if (!isIn)
        {
            _peers.Return(peer);
        }
        return isIn;
    }

    /// <summary>Gives back what the connection held. Called once, however it ended.</summary>
    public void Leave(ProxiedConnection connection, DataPathSettings current)
    {
        if (connection.Place is { } place)
        {
            place.Quota.Leave(current.MaxConnectionsPerIdentity);
            _peers.Return(connection.Peer!.Id!);
        }
    }
}
