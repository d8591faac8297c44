using System.Collections.Immutable;
using System.Globalization;
using L4Proxy.Core.Resources;

namespace L4Proxy.Core.Routing;

/// <summary>
/// Puts into words what <see cref="RouteFinder"/> did: (1) which service covers the destination, (2) which routes were tried, (3) to which
/// cluster that led, under which policy, (4) whom it has to dial.
/// </summary>
internal sealed class RouteExplanation
{
    private readonly ImmutableArray<ExplainStep>.Builder _steps = ImmutableArray.CreateBuilder<ExplainStep>();
    private readonly Registry _registry;
    private readonly RouteRequest _request;
    private readonly RouteTrace _trace;

    private RouteExplanation(Registry registry, in RouteRequest request, RouteTrace trace) =>
        (_registry, _request, _trace) = (registry, request, trace);

    public static ImmutableArray<ExplainStep> Of(Registry registry, in RouteRequest request, RouteDecision decision, RouteTrace trace, long now)
    {
        var explanation = new RouteExplanation(registry, request, trace);
        explanation.Service();
        explanation.Routes();
        if (decision.Cluster is { } cluster)
        {
            explanation._steps.AddRange(ClusterExplanation.Of(cluster, decision, request, now));
        }
        return explanation._steps.ToImmutable();
    }

    private void Service()
    {
        var found = _trace.Service;
        if (found.Port is not { } port)
        {
            Add(0, $"no service covers {_request.Destination}", null);
            if (_registry.Indexes.ServerNamePorts.TryGetValue(_request.Destination.Port, out var count))
            {
                var given = _request.ServerName is null ? "none was given" : $"none of them is called {_request.ServerName}";
                Add(1, $"services of this port that are told apart by server name: {count}; {given}", null);
            }
            return;
        }
        var service = port.Service.Service;
        Add(0, $"{_request.Destination} is {port.ClusterName("")}: {Why(found)}", service.Origin);
        if (found.Covering == Covering.Endpoint)
        {
            Add(1, "an endpoint is dialled exactly, and routes of its service do not apply", null);
        }
        Others(found);
    }

    private static string Why(in FoundService found) => found.Covering switch
    {
        Covering.Address => $"{found.Key.Words()} is an address of the service",
        Covering.Endpoint => $"{found.Key.Words()} is an endpoint of the service",
        Covering.Network => $"it lies in {found.Key.Words()}, the longest network around it",
        Covering.ServerName => $"the client asks for a name that is {found.Port!.Service.Host}",
        _ => "the service has no addresses, so that its port is enough",
    };

    /// <summary>Those that would have covered it as well.</summary>
    private void Others(in FoundService found)
    {
        var index = found.Covering == Covering.Endpoint ? _registry.Indexes.Endpoints : _registry.Indexes.Addresses;
        if (found.Covering == Covering.ServerName)
        {
            return;
        }
        for (var other = index.First(found.Key); other is not null; other = index.First(found.Key, other))
        {
            if (other != found.Port)
            {
                Add(1, $"so does {other.ClusterName("")}, which comes after it", other.Service.Service.Origin);
            }
        }
    }

    private void Routes()
    {
        foreach (var written in _trace.Considered)
        {
            Add(0, $"routes of {string.Join(", ", written.Written.Hosts)}", written.Written.Origin);
            LeftOut(written, "tls", written.Written.Tls, written.Tls);
            LeftOut(written, "tcp", written.Written.Tcp, written.Tcp);
            foreach (var (_, route, kind, isMatch) in _trace.Routes.Where(tried => tried.Written == written))
            {
                Add(1, $"{kind}[{route.Written.Index}] {(isMatch ? "matches" : "does not match")}{Conditions(route.Written)}", route.By);
            }
        }
        if (_trace.Route is not { } chosen)
        {
            if (_trace.Considered.Count > 0 && _trace.Service.Port is not null)
            {
                Add(0, "no route matches: it is the service itself", null);
            }
            return;
        }
        var total = chosen.Written.Destinations.Sum(destination => (long)destination.Weight);
        foreach (var target in chosen.Targets)
        {
            var share = 100.0 * target.Written.Weight / total;
            var next = target == _trace.Target ? chosen.Targets.Length > 1 ? ", the next connection goes there" : "" : "";
            var subset = target.Written.Subset.Length > 0 ? $" subset {target.Written.Subset}" : "";
            Add(2, string.Create(CultureInfo.InvariantCulture, $"{share:0.##} % to {target.Written.Host}{subset}{next}"), chosen.By.At(target.Written.Line));
        }
    }

    /// <summary>Routes that no connection of this workload can match.</summary>
    private void LeftOut(VirtualServiceNode written, string kind, ImmutableArray<RouteRule> all, RouteNode[] kept)
    {
        foreach (var rule in all.Where(rule => !Array.Exists(kept, route => route.Written == rule)))
        {
            Add(1, $"{kind}[{rule.Index}] is for other workloads (sourceLabels, sourceNamespace)", written.Written.Origin.At(rule.Line));
        }
    }

    private static string Conditions(RouteRule rule)
    {
        var matches = rule.Matches.Select(match => string.Join(" and ", new[]
        {
            match.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"port {port}") : "",
            match.DestinationSubnets.IsEmpty ? "" : $"destination in {string.Join(" or ", match.DestinationSubnets)}",
            match.ServerNames.IsEmpty ? "" : $"server name {string.Join(" or ", match.ServerNames)}",
            match.SourceLabels.IsEmpty ? "" : $"source labels {string.Join(", ", match.SourceLabels.Select(label => $"{label.Key}={label.Value}"))}",
            match.SourceNamespace.Length == 0 ? "" : $"source namespace {match.SourceNamespace}",
        }.Where(text => text.Length > 0)));
        var text = string.Join("; or ", matches.Where(match => match.Length > 0));
        return text.Length == 0 ? ", it has no conditions" : $" ({text})";
    }

    private void Add(int depth, string text, Origin? by) => _steps.Add(new(text, by) { Depth = depth });
}
