using System.Globalization;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>A cluster in words: what its policy is and who says so, whom it has, whom it would dial.</summary>
internal static class ClusterExplanation
{
    /// <summary>Of a large cluster only so many endpoints are told.</summary>
    private const int MostEndpoints = 20;

    public static IEnumerable<ExplainStep> Of(Cluster cluster, RouteDecision decision, RouteRequest request, long now)
    {
        yield return new($"cluster {cluster.Name}", decision.By);
        if (cluster.Port is not { } port)
        {
            yield return new("there is no such service, port or subset, so it has no endpoints", decision.By) { Depth = 1 };
            yield break;
        }
        foreach (var (text, by) in Policy(cluster, port.Service.Rule))
        {
            yield return new(text, by) { Depth = 1 };
        }
        var endpoints = cluster.Endpoints.ToArray();
        foreach (var one in endpoints.Take(MostEndpoints))
        {
            yield return new(Words(one, now), port.Service.Service.Origin) { Depth = 1 };
        }
        if (endpoints.Length > MostEndpoints)
        {
            yield return new($"and {endpoints.Length - MostEndpoints} more endpoints, none of them nearer", port.Service.Service.Origin) { Depth = 1 };
        }
        if (decision.Kind == RouteKind.OriginalDestination)
        {
            var security = decision.Endpoint is { } endpoint ? $", {Words(endpoint.Security)}" : "; nothing here says how to secure it";
            yield return new($"dialled is {request.Destination}, where the connection was going{security}", decision.By);
        }
        else if (cluster.Candidates(now) is { Count: > 0 } candidates)
        {
            var which = candidates.Count == 1 ? $"dialled is {candidates[0].Address}" : $"dialled is one of {candidates.Count} endpoints, the nearest in good health";
            yield return new($"{which}, {Words(candidates[0].Security)}", decision.By);
        }
    }

    private static IEnumerable<(string Text, Origin? By)> Policy(Cluster cluster, DestinationRule? rule)
    {
        if (rule is null)
        {
            yield return ("no DestinationRule speaks for it: defaults", null);
        }
        var policy = cluster.Policy;
        Origin? At(int? line) => line is null ? null : rule!.Origin.At(line > 0 ? line.Value : rule.Origin.Line);
        var balancing = policy.LoadBalancing ?? LoadBalancing.Default;
        var nearness = balancing.IsLocalityAware ? "nearer endpoints first" : "wherever endpoints are";
        yield return ($"balanced by {balancing.Algorithm}, {nearness}", At(policy.LoadBalancing?.Line));
        if (policy.ConnectionPool is { } pool)
        {
            var limits = string.Join(", ", new[]
            {
                pool.MaxConnections is { } most ? string.Create(CultureInfo.InvariantCulture, $"at most {most} connections") : "",
                pool.ConnectTimeout is { } timeout ? string.Create(CultureInfo.InvariantCulture, $"{timeout.TotalMilliseconds} ms to connect") : "",
                pool.KeepAlive is not null ? "its own keepalive" : "",
            }.Where(text => text.Length > 0));
            yield return (limits.Length > 0 ? limits : "a connection pool without limits", At(pool.Line));
        }
        var outliers = policy.OutlierDetection ?? OutlierDetection.Default;
        yield return (Words(outliers), At(policy.OutlierDetection?.Line));
        yield return policy.Tls is { } tls
            ? ($"TLS mode {Word(tls.Mode)}", At(tls.Line))
            : ("no TLS settings: mesh TLS where the endpoint's identity is known, else in clear", null);
    }

    private static string Words(OutlierDetection outliers) => outliers.ConsecutiveFailures == 0
        ? "no endpoint is ever ejected"
        : string.Create(CultureInfo.InvariantCulture,
            $"ejected after {outliers.ConsecutiveFailures} failures no more than {outliers.Interval.TotalSeconds} s apart, for {outliers.BaseEjection.TotalSeconds} s times their number");

    private static string Words(UpstreamEndpoint endpoint, long now)
    {
        var place = endpoint.Locality.ToString();
        var parts = new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"endpoint {endpoint.Address}: {endpoint.Active} active, weight {endpoint.Weight}"),
            place.Length == 0 ? "" : $"in {place}",
            endpoint.EjectedFor(now) is > 0 and var rest ? string.Create(CultureInfo.InvariantCulture, $"ejected for another {rest} ms") : "",
            Words(endpoint.Security),
        };
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private static string Words(UpstreamSecurity security) => security.Kind switch
    {
        UpstreamSecurityKind.MeshTls => "with mesh TLS to "
            + (security.Identities.IsEmpty ? "anyone our trust covers" : string.Join(" or ", security.Identities)),
        UpstreamSecurityKind.Tls => $"with TLS to {(security.ServerName.Length > 0 ? security.ServerName : "a server without a name")}",
        _ => "in clear",
    };

    /// <summary>As resources write it.</summary>
    private static string Word(UpstreamTlsMode mode) => mode switch
    {
        UpstreamTlsMode.Disable => "DISABLE",
        UpstreamTlsMode.IstioMutual => "ISTIO_MUTUAL",
        UpstreamTlsMode.Simple => "SIMPLE",
        _ => "MUTUAL",
    };
}
