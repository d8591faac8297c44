using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>Routes against the services, ports and subsets they name.</summary>
internal sealed class RouteRules(ServiceIndex services, DestinationRules rules, ResourceFindings findings)
{
    public void Check(IEnumerable<VirtualService> routes)
    {
        foreach (var virtualService in routes)
        {
            Check(virtualService.Origin, "tls", virtualService.Tls);
            Check(virtualService.Origin, "tcp", virtualService.Tcp);
        }
    }

    private void Check(Origin origin, string kind, IEnumerable<RouteRule> routes)
    {
        foreach (var route in routes)
        {
            for (var index = 0; index < route.Destinations.Length; index++)
            {
                Check(origin.At(route.Destinations[index].Line), $"spec.{kind}[{route.Index}].route[{index}].destination", route.Destinations[index]);
            }
        }
    }

    private void Check(Origin origin, string path, RouteDestination destination)
    {
        var named = services.Named(destination.Host).ToList();
        if (named.Count == 0)
        {
            findings.Warn(origin, $"{path}.host",
                $"no service is called '{destination.Host}', so connections it gets end with noEndpoints; correct the name, or add a ServiceEntry");
            return;
        }
        if (destination.Port is { } port && !named.Exists(service => service.Ports.Any(candidate => candidate.Number == port)))
        {
            var known = named.SelectMany(service => service.Ports).Select(candidate => candidate.Number).Distinct().Order();
            findings.Error(origin, $"{path}.port.number", $"'{destination.Host}' has no port {port}; it has {string.Join(", ", known)}");
        }
        if (destination.Subset.Length > 0 && !rules.Define(destination.Host, destination.Subset))
        {
            findings.Error(origin, $"{path}.subset",
                $"no DestinationRule of '{destination.Host}' defines subset '{destination.Subset}'; add it there, or remove it here");
        }
    }
}
