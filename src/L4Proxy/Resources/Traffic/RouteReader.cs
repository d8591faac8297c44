using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>Routes of a VirtualService, TLS or TCP: what they match, and to whom they lead.</summary>
internal sealed class RouteReader(string resourceNamespace)
{
    /// <summary>Istio's word for the sidecars, as against named gateways.</summary>
    private const string Mesh = "mesh";

    /// <summary>Sums of a hundred thousand of them fit; Istio's own are shares of 100.</summary>
    private const int MaxWeight = 1_000_000;

    /// <summary>Whether <c>gateways</c> is absent or holds <c>mesh</c>.</summary>
    public static bool IsForMesh(Section section)
    {
        var gateways = section.Values("gateways", (text, _) =>
            text.Length > 0 ? text : throw new FormatException("is empty; write the name of a gateway, or mesh"));
        return gateways.IsEmpty || gateways.Any(gateway => gateway == Mesh);
    }

    /// <param name="match">Reads a match; null where it is for gateways alone.</param>
    public ImmutableArray<RouteRule> Read(Section spec, string key, Func<Section, RouteMatch?> match)
    {
        var index = 0;
        var routes = spec.InnerList(key, null, section => Rule(section, index++, key, match));
        return [.. routes.OfType<RouteRule>()];
    }

    private RouteRule? Rule(Section section, int index, string kind, Func<Section, RouteMatch?> match)
    {
        if (kind == "tls" && !section.Has("match"))
        {
            section.Fail("match", "is missing; add it, such as match: [{sniHosts: [web.example.com]}]");
        }
        var matches = section.InnerList("match", null, match);
        if (!section.Has("route"))
        {
            section.Fail("route", "is missing; add where to, such as route: [{destination: {host: web.demo.svc.cluster.local}}]");
        }
        var destinations = section.InnerList("route", new RouteDestination("", "", null, 1, 0), Destination);
        var weighted = Weighted(section, destinations);
        // Matches that are all for gateways match nothing here; no matches at all would match everything.
        return matches.Count > 0 && matches.All(one => one is null)
            ? null : new RouteRule(index, section.Position.Line, [.. matches.OfType<RouteMatch>()], weighted);
    }

    private static ImmutableArray<RouteDestination> Weighted(Section section, IReadOnlyList<RouteDestination> destinations)
    {
        if (destinations.Count == 1)
        {
            // As Istio has it: what stands alone gets everything, whatever its weight.
            return [destinations[0] with { Weight = Math.Max(destinations[0].Weight, 1) }];
        }
        var sum = destinations.Sum(destination => (long)destination.Weight);
        if (section.IsEmptyList("route"))
        {
            section.Fail("route", "is empty; write at least one destination");
        }
        else if (sum == 0 && destinations.Count > 1)
        {
            section.Fail("route", "has no weight above zero, so it leads nowhere; give each destination its weight");
        }
        else if (sum is not (0 or 100))
        {
            section.Warn("route", $"has weights that make {sum} together and are taken as shares of that; write shares of 100");
        }
        return [.. destinations];
    }

    private RouteDestination Destination(Section section)
    {
        var weight = section.Value("weight", 0, text => ScalarText.Number(text, 0, MaxWeight));
        if (!section.Has("destination"))
        {
            section.Fail("destination", "is missing; add it, such as destination: {host: web.demo.svc.cluster.local}");
        }
        return section.Inner("destination", new RouteDestination("", "", null, weight, 0), to => new RouteDestination(
            ServiceName.Read(to, "host", resourceNamespace),
            to.Value("subset", "", PeerText.Subset),
            to.Inner<int?>("port", null, port => port.Required<int?>("number", null, "80", text => ScalarText.Port(text))),
            weight,
            to.Position.Line));
    }
}
