using System.Net;
using L4Proxy.Core.Connections;
using L4Proxy.Core.Routing;
using L4Proxy.Tls;
using L4Proxy.Transport;
using L4Proxy.Transport.Native;

namespace L4Proxy.Interception;

/// <summary>
/// Dials and secures a routed connection. While not a byte of the downstream's has been sent, another endpoint can take the place of one
/// that fails, and nobody notices.
/// </summary>
/// <param name="securing">Our side of TLS.</param>
/// <param name="loops">Refuses our own ports.</param>
/// <param name="ownLegs">Gets every leg from its first moment, so that one coming back is refused before it dials, or shakes hands, again.</param>
/// <param name="counters">Of all loops.</param>
internal sealed class UpstreamConnector(Securing securing, LoopGuard loops, OwnLegs ownLegs, RoutingCounters counters)
{
    /// <summary>One that fails may be a bad endpoint, two bad luck; three are an outage that more dials make worse.</summary>
    private const int MaxAttempts = 3;

    /// <summary>A leg to where the route leads.</summary>
    /// <param name="connection">Its record gets the upstream; its peer and endpoint are set.</param>
    /// <param name="route">Where to.</param>
    /// <param name="current">Settings of this connection.</param>
    /// <returns>Null: the connection is over, for the reason of the last endpoint that was tried.</returns>
    public async ValueTask<ReachedUpstream?> ConnectAsync(ProxiedConnection connection, RouteDecision route, DataPathSettings current)
    {
        var record = connection.Record;
        record.Enter(Phase.Dialing);
        record.DialedAt = Monotonic.Microseconds;
        var destination = record.OriginalDestination!.Value.EndPoint;
        var source = record.Downstream.EndPoint.Address;
        UpstreamEndpoint[] tried = [];
        var endpoint = route.Endpoint ?? Next(route, source, tried);
        if (endpoint is null && route.Kind == RouteKind.Cluster)
        {
            record.End(CloseReason.NoEndpoints);
            return null;
        }
        while (true)
        {
            var address = endpoint?.Address ?? destination;
            if (loops.WouldLoop(new OriginalDestination(address)))
            {
                record.End(CloseReason.Loop);
                return null;
            }
            record.Upstream = new UpstreamAddress(address);
            record.Attempts++;
            var hasNext = HasNext(route, tried.Length + 1);
            var attempt = await AttemptAsync(connection, address, Security(endpoint, destination, current), Options(route.Cluster, hasNext, current), current);
            if (attempt.Reached is { } reached)
            {
                Hold(connection, endpoint);
                return reached;
            }
            if (attempt.Fault.IsOfEndpoint && endpoint?.Failed(Monotonic.Milliseconds) == true)
            {
                counters.Ejected();
            }
            tried = endpoint is null ? tried : [.. tried, endpoint];
            endpoint = hasNext && attempt.Fault.IsOfEndpoint ? Next(route, source, tried) : null;
            if (endpoint is null)
            {
                attempt.Fault.End(record);
                return null;
            }
            counters.Retried();
        }
    }

    private static void Hold(ProxiedConnection connection, UpstreamEndpoint? endpoint)
    {
        if (endpoint is not null)
        {
            endpoint.Succeeded();
            endpoint.Began();
            connection.Place!.Endpoint = endpoint;
        }
    }

    private static bool HasNext(RouteDecision route, int attempts) =>
        route.Kind == RouteKind.Cluster && attempts < MaxAttempts && route.Cluster!.EndpointCount > attempts;

    private static UpstreamEndpoint? Next(RouteDecision route, IPAddress source, UpstreamEndpoint[] tried) =>
        route.Kind == RouteKind.Cluster ? route.Cluster!.Choose(source, tried, Monotonic.Milliseconds) : null;

    private async ValueTask<(ReachedUpstream? Reached, TlsFault Fault)> AttemptAsync(
        ProxiedConnection connection, IPEndPoint address, UpstreamSecurity security, DialOptions options, DataPathSettings current)
    {
        var dial = await Dialer.DialAsync(connection.Downstream, address, options);
        if (dial.Leg is not { } upstream)
        {
            return (null, Fault(dial, connection.Downstream));
        }
        connection.Record.ConnectedAt = Monotonic.Microseconds;
        var own = ownLegs.Add(upstream.LocalEndPoint, address);
        if (security.Kind == UpstreamSecurityKind.Plaintext
            || await securing.TryUpstreamAsync(connection, upstream, security, current) is not { } fault)
        {
            return (new ReachedUpstream(upstream, own), default);
        }
        ownLegs.Remove(own);
        return (null, fault);
    }

    private static TlsFault Fault(DialResult dial, Leg downstream)
    {
        var reason = SpliceReasons.Of(dial, downstream);
        var isOfEndpoint = dial.Error is not (Errno.ECANCELED or Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM);
        return new TlsFault(reason, isOfEndpoint, (int)dial.Error, Detail: null);
    }

    private static UpstreamSecurity Security(UpstreamEndpoint? endpoint, IPEndPoint destination, DataPathSettings current) =>
        endpoint?.Security ?? current.MeshPeers.Find(destination)?.Security(destination.Port) ?? UpstreamSecurity.Plaintext;

    /// <summary>As long as another endpoint could be asked, none may use up the time of all.</summary>
    private static DialOptions Options(Cluster? cluster, bool hasNext, DataPathSettings current)
    {
        var pool = cluster?.Policy.ConnectionPool;
        if (pool is null && !hasNext)
        {
            return current.Dial;
        }
        var timeout = pool?.ConnectTimeout is { } own ? (int)own.TotalMilliseconds
            : hasNext ? current.Dial.TimeoutMilliseconds / MaxAttempts
            : current.Dial.TimeoutMilliseconds;
        return current.Dial with
        {
            TimeoutMilliseconds = timeout,
            KeepAlive = pool?.KeepAlive is { } keepAlive ? new(keepAlive.Probes, keepAlive.IdleSeconds, keepAlive.IntervalSeconds) : default,
        };
    }
}

/// <summary>A leg to where a connection may go, secured as it must be.</summary>
/// <param name="Leg">Not a byte of the downstream's was sent to it.</param>
/// <param name="Own">What is to be removed from the own legs when it has ended.</param>
internal readonly record struct ReachedUpstream(Leg Leg, OwnLeg Own);
