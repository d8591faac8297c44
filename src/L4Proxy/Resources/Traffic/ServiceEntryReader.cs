using System.Collections.Immutable;
using System.Net;
using L4Proxy.Configuration.Binding;
using L4Proxy.Core.Resources;
using L4Proxy.Core.Routing;

namespace L4Proxy.Resources.Traffic;

/// <summary>ServiceEntry: something that can be called.</summary>
internal static class ServiceEntryReader
{
    private static readonly Dictionary<string, Resolution> _resolutions = new(StringComparer.Ordinal)
    {
        ["NONE"] = Resolution.None, ["STATIC"] = Resolution.Static, ["DNS"] = Resolution.Dns,
    };

    private static readonly Dictionary<string, bool> _locations = new(StringComparer.Ordinal)
    {
        ["MESH_EXTERNAL"] = false, ["MESH_INTERNAL"] = true,
    };

    public static Service Read(ResourceDocument document)
    {
        var spec = document.Spec;
        var resolution = spec.Value("resolution", Resolution.None, ResolutionOf);
        var ports = ServicePortReader.ReadAll(spec, resolution);
        var endpoints = new EndpointReader(document, ports, resolution);
        var service = new Service(document.Origin, Hosts(spec), Addresses(spec), ports, resolution)
        {
            IsMeshInternal = spec.Value("location", fallback: false, text => WordText.OneOf(text, _locations)),
            Endpoints = [.. spec.InnerList("endpoints", new Endpoint(0, ""), endpoints.Read)],
            Selector = spec.Has("workloadSelector") ? ResourceText.Selector(spec, "workloadSelector", "labels") : null,
            SubjectAltNames = spec.Values("subjectAltNames", (text, _) => SubjectAltNameText.Name(text)),
            ExportTo = ExportReader.Read(document),
        };
        ServiceEntryRules.Check(service, spec);
        // Istio leaves a selector without effect where there are no endpoints to select.
        return resolution == Resolution.None ? service with { Selector = null } : service;
    }

    public static Service Move(Service service, Origin origin, int lines) => service with
    {
        Origin = origin,
        Endpoints = lines == 0 ? service.Endpoints
            : ImmutableArray.CreateRange(service.Endpoints, endpoint => endpoint with { Line = endpoint.Line + lines }),
    };

    private static Resolution ResolutionOf(string text) => text switch
    {
        "DNS_ROUND_ROBIN" => throw new FormatException(
            "'DNS_ROUND_ROBIN' is not supported: every address a name has is an endpoint here; write DNS"),
        "DYNAMIC_DNS" => throw new FormatException(
            "'DYNAMIC_DNS' is not supported: names are not taken from what is sent; write NONE, or DNS for one name"),
        _ => WordText.OneOf(text, _resolutions),
    };

    private static ImmutableArray<string> Hosts(Section spec)
    {
        if (!spec.Has("hosts"))
        {
            spec.Fail("hosts", "is missing; add it, such as hosts: [\"web.demo.svc.cluster.local\"]");
        }
        var hosts = spec.Values("hosts", (text, warn) =>
        {
            var host = HostText.Pattern(text);
            if (!host.Contains('.', StringComparison.Ordinal))
            {
                warn($"'{text}' has no dot, and rules and routes that say '{text}' mean a service of their own namespace; "
                    + $"write a full name, such as {text}.demo.svc.cluster.local");
            }
            return host;
        });
        return hosts.RemoveAll(host => host is null);
    }

    private static ImmutableArray<IPNetwork> Addresses(Section spec) => spec.Values("addresses", AddressText.NetworkOrWarn);
}
