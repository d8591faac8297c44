using System.Collections.Immutable;
using L4Proxy.Configuration;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;
using L4Proxy.Interception;
using L4Proxy.Resources;

namespace L4Proxy.Explain;

/// <summary>
/// Where a connection of the workload would go: (1) service, route, endpoints and their security, (2) outbound policy where no service
/// covers the destination, (3) limit.
/// </summary>
internal static class OutboundExplanation
{
    public static Explanation Of(MeshModel model, ProxyOptions options, ExplainQuestion question, long now)
    {
        var registry = model.Registry;
        var request = new RouteRequest(question.To, question.ServerName, question.Source ?? ExplainQuestion.Nobody);
        var steps = ImmutableArray.CreateBuilder<ExplainStep>();

        // (1) Which service is that?
        if (question.ServerName is null && registry.NeedsServerName(question.To))
        {
            steps.Add(new("a route depends on the server name, and none is given: the client is taken to send none", null));
        }
        steps.AddRange(registry.Explain(request, now));
        var route = registry.Peek(request);
        if (route.Kind == RouteKind.Unknown)
        {
            return Unknown(registry, options, question, steps);
        }

        // (3) May it go now?
        var cluster = route.Cluster!;
        if (route is { Kind: RouteKind.Cluster } && cluster.EndpointCount == 0)
        {
            steps.Add(new($"{cluster.Name} has no endpoint to dial", route.By));
            return new([.. steps], CloseReason.NoEndpoints) { Route = cluster.Name, By = route.By };
        }
        steps.AddRange(Limit(cluster, options));
        return new([.. steps], Refusal: null) { Route = cluster.Name, By = route.By };
    }

    private static Explanation Unknown(Registry registry, ProxyOptions options, ExplainQuestion question, ImmutableArray<ExplainStep>.Builder steps)
    {
        // (2) May it go where no service is known?
        var policy = registry.OutboundPolicy ?? options.Mesh.OutboundTrafficPolicy;
        var by = registry.OutboundPolicy is null ? null : registry.OutboundPolicyBy;
        steps.Add(new($"outboundTrafficPolicy is {OptionKey.Word(policy)}{(by is null ? " by mesh.outboundTrafficPolicy; no Sidecar says otherwise" : "")}", by));
        var peer = PeerSecurity(options, question);
        if (peer is not null)
        {
            steps.Add(new("mesh.peers names the destination, which is as good as a service", null));
        }
        else if (policy == OutboundTrafficPolicy.RegistryOnly)
        {
            steps.Add(new("refused; a ServiceEntry for this destination would let it pass", by));
            return new([.. steps], CloseReason.EgressBlocked) { Route = OutboundRouting.BlackHole, By = by };
        }
        steps.AddRange(Limit(cluster: null, options));
        var security = peer is null ? "in clear" : $"with mesh TLS to {(peer.Identities.IsEmpty ? "anyone our trust covers" : string.Join(" or ", peer.Identities))}";
        steps.Add(new($"dialled is {question.To}, where the connection was going, {security}", null));
        return new([.. steps], Refusal: null) { Route = OutboundRouting.Passthrough, By = by };
    }

    private static IEnumerable<ExplainStep> Limit(Cluster? cluster, ProxyOptions options)
    {
        var written = cluster?.Policy.ConnectionPool?.MaxConnections;
        if ((written ?? options.Limits.MaxConnectionsPerDestination) is > 0 and var most)
        {
            var by = written is null ? "limits.maxConnectionsPerDestination" : "connectionPool";
            var now = cluster is null ? "" : $", now {cluster.Quota.Active} and {cluster.Quota.Waiting} that wait";
            yield return new($"at most {most} connections at the same time by {by}{now}; {options.Limits.WaitingPerDestination} may wait", null);
        }
    }

    private static UpstreamSecurity? PeerSecurity(ProxyOptions options, ExplainQuestion question) =>
        new MeshPeers(options.Mesh.Peers).Find(question.To)?.Security(question.To.Port);
}
