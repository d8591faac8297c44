using System.Collections.Immutable;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>VirtualService: of it TLS and TCP routes of the mesh; those of gateways are somebody else's.</summary>
internal static class VirtualServiceReader
{
    public static VirtualService Read(ResourceDocument document)
    {
        var spec = document.Spec;
        var routes = new RouteReader(document.Origin.Namespace);
        var names = Hosts(spec);
        var isOfMesh = RouteReader.IsForMesh(spec);
        var tls = routes.Read(spec, "tls", match => RouteMatchReader.Tls(match, names, document.Origin.Namespace));
        var tcp = routes.Read(spec, "tcp", RouteMatchReader.Tcp);
        if (!isOfMesh)
        {
            spec.Has("http");
            spec.Warn("gateways", "does not hold 'mesh', so the routes are for gateways and none of them is used here; add mesh, or remove the resource");
        }
        else if (spec.Has("http") && (spec.Has("tls") || spec.Has("tcp")))
        {
            spec.Warn("http", "has no effect: HTTP is not parsed here; the tls and tcp routes count");
        }
        else if (spec.Has("http"))
        {
            spec.Fail("http", "HTTP is not parsed here, and no other routes are written; write tcp or tls routes, or remove the resource");
        }
        else if (!spec.Has("tls") && !spec.Has("tcp"))
        {
            spec.Fail("has no routes; write tcp or tls");
        }
        var exportTo = ExportReader.Read(document);
        return isOfMesh
            ? new VirtualService(document.Origin, Completed(names, spec, document.Origin.Namespace), tls, tcp) { ExportTo = exportTo }
            : new VirtualService(document.Origin, [], [], []) { ExportTo = exportTo };
    }

    public static VirtualService Move(VirtualService service, Origin origin, int lines) => service with
    {
        Origin = origin,
        Tls = ImmutableArray.CreateRange(service.Tls, route => Move(route, lines)),
        Tcp = ImmutableArray.CreateRange(service.Tcp, route => Move(route, lines)),
    };

    private static RouteRule Move(RouteRule route, int lines) => route with
    {
        Line = route.Line + lines,
        Destinations = ImmutableArray.CreateRange(route.Destinations, destination => destination with { Line = destination.Line + lines }),
    };

    private static ImmutableArray<string> Hosts(Section spec)
    {
        if (!spec.Has("hosts"))
        {
            spec.Fail("hosts", "is missing; add it, such as hosts: [\"web.demo.svc.cluster.local\"]");
        }
        var read = spec.Values("hosts", (text, _) => text.Contains('/', StringComparison.Ordinal)
            ? AddressText.Network(text).ToString()
            : AddressText.TryAddress(text)?.ToString() ?? HostText.Pattern(text));
        var hosts = read.RemoveAll(host => host is null);
        if (hosts.GroupBy(host => host, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            spec.Fail("hosts", $"has '{twice.Key}' twice; write it once");
        }
        return hosts;
    }

    private static ImmutableArray<string> Completed(ImmutableArray<string> hosts, Section spec, string resourceNamespace) =>
        ImmutableArray.CreateRange(hosts, host =>
        {
            // An IPv6 address has no dot either.
            var whole = host.Contains(':', StringComparison.Ordinal) ? host : HostText.Complete(host, resourceNamespace);
            if (whole != host)
            {
                spec.Warn("hosts", ServiceName.Advice(host, whole));
            }
            return whole;
        });
}
